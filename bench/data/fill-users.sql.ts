import type { Transaction } from '../../src/database/database.ts';

/**
 * Opens `count` users with ids from 1, each with a wallet and an opening balance that came from equity, as the API would have
 * written them. The system accounts must be open.
 */
export async function fillUsers(
  transaction: Transaction,
  {
    count,
    currency,
    balanceMinor,
  }: { readonly count: number; readonly currency: string; readonly balanceMinor: bigint },
): Promise<void> {
  await transaction.query('insert into users (id) select n from generate_series(1, $1::int) as n', [count]);
  await transaction.query(`select setval(pg_get_serial_sequence('users', 'id'), $1)`, [count]);
  await transaction.query(
    `insert into accounts (user_id, kind, currency, scale, posted, floor)
     select users.id, 'wallet', equity.currency, equity.scale, $2, 0
     from users
     join accounts as equity on equity.kind = 'equity' and equity.currency = $1
     order by users.id`,
    [currency, balanceMinor],
  );
  await transaction.query(
    `insert into ledger_transactions (user_id, reference, step)
     select id, 'user:' || id, 'open' from users order by id`,
  );
  await transaction.query(
    `insert into ledger_entries (account_id, transaction_id, amount, user_id)
     select leg.account_id, header.id, leg.amount, header.user_id
     from ledger_transactions as header
     join accounts as wallet on wallet.user_id = header.user_id
     join accounts as equity on equity.kind = 'equity' and equity.currency = $1
     cross join lateral (values (wallet.id, $2::bigint), (equity.id, -$2::bigint)) as leg (account_id, amount)`,
    [currency, balanceMinor],
  );
}
