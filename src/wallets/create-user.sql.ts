import type { CommandFacts } from '../commands/command-kind.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { type IdempotencyClaim, KEY_SCOPES } from '../idempotency/used-key.ts';
import { toUsedKey, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import { currencyScale } from '../money/currency.ts';
import type { Money } from '../money/money.ts';

/** The ids that a user and their wallet get if they are written, and the time of the transaction. */
export interface UserFacts {
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly createdAt: Date;
}

export interface NewUser extends UserFacts {
  readonly opening: Money;
}

/** Reads the keys of requests, in order, and draws ids for those that create a user. */
export async function readUserFacts(
  queryable: Queryable,
  requests: readonly { readonly idempotency: IdempotencyClaim | null }[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<UserFacts>[]> {
  const { rows } = await queryable.query({
    name: 'users-read-facts',
    text: `
      select fact.*,
             case when fact.resource_id is null then nextval('users_id_seq') end as user_id,
             case when fact.resource_id is null then nextval('accounts_id_seq') end as wallet_id,
             now() as created_at
      from (
        select ${usedKeyColumns('$3')}
        from unnest($1::text[]) with ordinality as request (key, position)
        left join lateral (${usedKeyOf('$2', 'request.key')}) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [requests.map(({ idempotency }) => idempotency?.key ?? null), KEY_SCOPES.newUsers, responseTtlMs],
  });
  return rows.map((row) => ({
    usedKey: toUsedKey(row),
    walletId: row.wallet_id,
    facts: { userId: row.user_id, walletId: row.wallet_id, createdAt: row.created_at },
  }));
}

/** Writes users and their wallets; an opening balance is posted separately. */
export async function insertUsers(transaction: Transaction, users: readonly NewUser[]): Promise<void> {
  await transaction.query({
    name: 'users-insert',
    text: `
      with created as materialized (
        select *
        from unnest($1::bigint[], $2::bigint[], $3::text[], $4::int[]) as t (user_id, wallet_id, currency, scale)
      ),
      known as (
        insert into users (id)
        select user_id from created
      )
      insert into accounts (id, user_id, kind, currency, scale, floor)
      select wallet_id, user_id, 'wallet', currency, scale, 0
      from created`,
    values: [
      users.map(({ userId }) => userId),
      users.map(({ walletId }) => walletId),
      users.map(({ opening }) => opening.currency),
      users.map(({ opening }) => currencyScale(opening.currency)),
    ],
  });
}

/** After a crash, the server may assign an id again, but not with the same time. */
export async function isUserWritten(
  queryable: Queryable,
  { userId, createdAt }: Pick<NewUser, 'userId' | 'createdAt'>,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from users where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [userId, createdAt],
  );
  return rowCount === 1;
}
