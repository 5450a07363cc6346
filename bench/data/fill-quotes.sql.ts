import type { Transaction } from '../../src/database/database.ts';
import { withClient } from './databases.sql.ts';

/** Opens a further wallet for each user, with money that came from equity. The system accounts must be open. */
export async function fillWallets(
  transaction: Transaction,
  { currency, balanceMinor }: { readonly currency: string; readonly balanceMinor: bigint },
): Promise<void> {
  await transaction.query(
    `insert into accounts (user_id, kind, currency, scale, posted, floor)
     select users.id, 'wallet', equity.currency, equity.scale, $2, 0
     from users
     join accounts as equity on equity.kind = 'equity' and equity.currency = $1
     order by users.id`,
    [currency, balanceMinor],
  );
  await transaction.query(
    `with opened as (
       insert into ledger_transactions (user_id, reference, step)
       select id, 'bench:' || $1 || ':' || id, 'open' from users order by id
       returning id, user_id
     )
     insert into ledger_entries (account_id, transaction_id, amount, user_id)
     select leg.account_id, opened.id, leg.amount, opened.user_id
     from opened
     join accounts as wallet on wallet.user_id = opened.user_id and wallet.currency = $1
     join accounts as equity on equity.kind = 'equity' and equity.currency = $1
     cross join lateral (values (wallet.id, $2::bigint), (equity.id, -$2::bigint)) as leg (account_id, amount)`,
    [currency, balanceMinor],
  );
}

/**
 * Offers quotes to all users in turn, there and back in turn, so that no wallet runs empty: with the numbers from `first`, as the load calls them.
 */
export async function fillQuotes(
  databaseUrl: string,
  { first, count, userCount }: { readonly first: number; readonly count: number; readonly userCount: number },
): Promise<void> {
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into conversion_quotes (
         token, user_id, from_wallet_id, to_wallet_id, from_currency, to_currency, fixed_side, from_amount, to_amount, spread_amount,
         mid_numerator, mid_denominator, spread_numerator, spread_denominator, rate_source, rate_as_of, created_at, expires_at
       )
       select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, given.user_id, given.id, got.id,
              given.currency, got.currency, 'from', 1000,
              case n % 2 when 0 then 915 else 1087 end, 5, 9200, 10000, 5, 1000, 'file', now(), now(),
              now() + interval '1 hour'
       from generate_series($1::bigint, $1::bigint + $2::bigint - 1) as n
       join accounts as given
         on given.user_id = 1 + (n / 2) % $3 and given.currency = case n % 2 when 0 then 'USD' else 'EUR' end
       join accounts as got on got.user_id = given.user_id and got.currency = case n % 2 when 0 then 'EUR' else 'USD' end`,
      [first, count, userCount],
    ),
  );
}
