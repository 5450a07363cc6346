import type { CommandFacts } from '../commands/command-kind.ts';
import type { Queryable, Transaction } from '../database/database.ts';
import { type IdempotencyClaim, KEY_SCOPES } from '../idempotency/used-key.ts';
import { toUsedKey, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import { currencyScale } from '../money/currency.ts';
import type { Money } from '../money/money.ts';
import { USER_WALLET_COLUMNS, type UserIds } from './read-user-wallets.sql.ts';
import type { UserName } from './user-name.ts';
import type { UserWallet } from './user-wallet.ts';

/** The ids that a user and their wallet get if they are written, and the time of the transaction. */
export interface UserToCreate extends UserIds {
  readonly walletId: bigint;
  readonly createdAt: Date;
}

/** What was read about a request for a user. */
export type UserFacts =
  | { readonly kind: 'free'; readonly user: UserToCreate }
  /** The user exists; the wallet is the one in the currency of the request, if there is one. */
  | { readonly kind: 'found'; readonly userId: bigint; readonly wallet: UserWallet | null }
  /** The key was used, so nothing else was looked for. */
  | { readonly kind: 'answered' };

export interface NewUser extends UserToCreate {
  readonly opening: Money;
  /** Of the request, for the event of the wallet. */
  readonly traceparent?: string | undefined;
}

interface NamedRequest {
  /** null for a user of whom no name is known yet. */
  readonly name: UserName | null;
  readonly opening: Money;
  readonly idempotency: IdempotencyClaim | null;
}

/** Reads the keys of requests and the users that they name, in order, and draws ids for those that create a user. */
export async function readUserFacts(
  queryable: Queryable,
  requests: readonly NamedRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<UserFacts>[]> {
  const { rows } = await queryable.query({
    name: 'users-read-facts',
    text: `
      select fact.*,
             case
               when fact.resource_id is null and fact."userId" is null then coalesce(fact.number, draw_user_id())
             end as new_user_id,
             case
               when fact.resource_id is null and fact."userId" is null then nextval('accounts_id_seq')
             end as new_wallet_id,
             now() as now
      from (
        select request.number, request.external_id, ${USER_WALLET_COLUMNS}, ${usedKeyColumns('$3')}
        from unnest($1::text[], $4::bigint[], $5::uuid[], $6::text[])
          with ordinality as request (key, number, external_id, currency, position)
        left join lateral (
          (select id, external_id from users where id = request.number limit 1)
          union all
          (select id, external_id from users where external_id = request.external_id limit 1)
        ) as owner on true
        left join lateral (
          select id, currency, posted, created_at
          from accounts
          where user_id = owner.id and currency = request.currency and name = ''
          limit 1
        ) as wallet on true
        left join lateral (${usedKeyOf('$2', 'request.key')}) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [
      requests.map(({ idempotency }) => idempotency?.key ?? null),
      KEY_SCOPES.newUsers,
      responseTtlMs,
      requests.map(({ name }) => (name?.kind === 'number' ? name.userId : null)),
      requests.map(({ name }) => (name?.kind === 'uuid' ? name.externalId : null)),
      requests.map(({ opening }) => opening.currency),
    ],
  });
  return rows.map((row) => ({ usedKey: toUsedKey(row), walletId: null, facts: toFacts(row) }));
}

interface FactsRow extends UserWallet {
  readonly new_user_id: bigint | null;
  readonly new_wallet_id: bigint;
  readonly external_id: string | null;
  readonly now: Date;
}

function toFacts(row: FactsRow): UserFacts {
  const { new_user_id: newUserId, new_wallet_id: walletId, external_id: externalId, now } = row;
  if (newUserId !== null)
    return { kind: 'free', user: { userId: newUserId, externalId, walletId, createdAt: now } };
  const { userId, currency, postedMinor, createdAt, updatedAt } = row;
  if (userId === null) return { kind: 'answered' };
  const wallet = {
    userId,
    externalId: row.externalId,
    walletId: row.walletId,
    currency,
    postedMinor,
    createdAt,
    updatedAt,
  };
  return { kind: 'found', userId, wallet: row.walletId === null ? null : wallet };
}

/**
 * Writes users and their wallets; an opening balance is posted separately. Two transactions that create the same users wait for each other
 * in the order of their names.
 * @returns whether all were written, which requires that nobody has taken one of their ids or names.
 */
export async function insertUsers(transaction: Transaction, users: readonly NewUser[]): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'users-insert',
    text: `
      with created as materialized (
        select *
        from unnest($1::bigint[], $2::bigint[], $3::text[], $4::int[], $5::uuid[])
          as t (user_id, wallet_id, currency, scale, external_id)
      ),
      known as (
        insert into users (id, external_id)
        select user_id, external_id
        from created
        order by external_id, user_id
        on conflict do nothing
        returning id
      )
      insert into accounts (id, user_id, kind, currency, scale, floor)
      select created.wallet_id, created.user_id, 'wallet', created.currency, created.scale, 0
      from created
      join known on known.id = created.user_id`,
    values: [
      users.map(({ userId }) => userId),
      users.map(({ walletId }) => walletId),
      users.map(({ opening }) => opening.currency),
      users.map(({ opening }) => currencyScale(opening.currency)),
      users.map(({ externalId }) => externalId),
    ],
  });
  return rowCount === users.length;
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
