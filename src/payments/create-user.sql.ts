import type { Queryable, Transaction } from '../shared/database.ts';
import type { IdempotencyClaim, StoredResponse } from './acceptance.ts';
import type { UsedKey } from './decide-acceptance.ts';

/** Keys of requests that belong to no user yet have a scope that no user id can take. */
const NO_USER_SCOPE = 0n;

export async function insertUser(transaction: Transaction): Promise<{ userId: bigint; createdAt: Date }> {
  const { rows } = await transaction.query(
    `insert into users default values returning id as "userId", created_at as "createdAt"`,
  );
  return rows[0];
}

/** An id that was drawn before a crash of the server may be drawn again after it, but not at the same time. */
export async function isUserWritten(
  queryable: Queryable,
  { userId, createdAt }: { readonly userId: bigint; readonly createdAt: Date },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select from users where id = $1 and date_trunc('milliseconds', created_at) = $2`,
    [userId, createdAt],
  );
  return rowCount === 1;
}

export async function insertWallet(
  transaction: Transaction,
  { userId, currency, scale }: { readonly userId: bigint; readonly currency: string; readonly scale: number },
): Promise<bigint> {
  const { rows } = await transaction.query(
    `insert into accounts (user_id, kind, currency, scale, floor) values ($1, 'wallet', $2, $3, 0) returning id`,
    [userId, currency, scale],
  );
  return rows[0].id;
}

export async function readUserKey(
  queryable: Queryable,
  key: string,
  responseTtlMs: number,
): Promise<UsedKey | undefined> {
  const { rows } = await queryable.query(
    `select fingerprint, resource_id, response_status,
            case when created_at > now() - $3 * interval '1 millisecond' then response_body end as response_body
     from idempotency_keys
     where scope = $1 and key = $2`,
    [NO_USER_SCOPE, key, responseTtlMs],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    fingerprint: row.fingerprint,
    resourceId: row.resource_id,
    response: row.response_body === null ? null : { status: row.response_status, body: row.response_body },
  };
}

/** Waits for another transaction that uses the same key; false when that one committed. */
export async function insertUserKey(
  transaction: Transaction,
  {
    key,
    fingerprint,
    userId,
    response,
  }: IdempotencyClaim & { readonly userId: bigint; readonly response: StoredResponse },
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `insert into idempotency_keys (scope, key, fingerprint, resource_id, response_status, response_body)
     values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [NO_USER_SCOPE, key, fingerprint, userId, response.status, response.body],
  );
  return rowCount === 1;
}
