import type { CommandFacts } from '../commands/command-kind.ts';
import type { Transaction } from '../database/database.ts';
import type { IdempotencyClaim } from '../idempotency/used-key.ts';
import { toUsedKey, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import type { Wallet } from './wallet.ts';

/** The facts about a request for a wallet. */
export interface WalletFacts {
  readonly hasUser: boolean;
  /** The existing wallet. */
  readonly found: Wallet | null;
  /** The id that it gets if it is opened, and the time of the transaction. */
  readonly drawn: { readonly walletId: bigint; readonly createdAt: Date } | null;
}

/** Reads, for each request in order, its user, key and wallet, and draws ids for wallets that may be opened, without locks. */
export async function readWalletFacts(
  transaction: Transaction,
  requests: readonly {
    readonly userId: bigint;
    readonly currency: string;
    readonly name: string;
    readonly idempotency: IdempotencyClaim | null;
  }[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<WalletFacts>[]> {
  const { rows } = await transaction.query({
    name: 'wallets-read-facts',
    text: `
      select fact.*,
             case
               when fact.has_user and fact.wallet_id is null and fact.resource_id is null
               then nextval('accounts_id_seq')
             end as new_id,
             now() as opened_at
      from (
        select owner.id is not null as has_user,
               wallet.id as wallet_id, wallet.state, wallet.posted, wallet.held, wallet.created_at as wallet_created_at,
               ${usedKeyColumns('$5')}
        from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
          with ordinality as request (user_id, currency, name, key, position)
        left join lateral (
          select id from users where id = request.user_id limit 1
        ) as owner on true
        left join lateral (
          select id, state, posted, held, created_at
          from accounts
          where user_id = request.user_id and currency = request.currency and name = request.name
          limit 1
        ) as wallet on true
        left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [
      requests.map(({ userId }) => userId),
      requests.map(({ currency }) => currency),
      requests.map(({ name }) => name),
      requests.map(({ idempotency }) => idempotency?.key ?? null),
      responseTtlMs,
    ],
  });
  return rows.map((row, index) => {
    const { userId, currency, name } = requests[index]!;
    const found: Wallet | null = row.wallet_id && {
      walletId: row.wallet_id,
      userId,
      currency,
      name,
      state: row.state,
      postedMinor: row.posted,
      heldMinor: row.held,
      createdAt: row.wallet_created_at,
    };
    const drawn = row.new_id && { walletId: row.new_id, createdAt: row.opened_at };
    return {
      usedKey: toUsedKey(row),
      walletId: row.wallet_id,
      facts: { hasUser: row.has_user, found, drawn },
    };
  });
}
