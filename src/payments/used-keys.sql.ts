import type { Queryable, Transaction } from '../shared/database.ts';
import type { IdempotencyClaim, StoredResponse } from './acceptance.ts';
import type { UsedKey } from './decide-acceptance.ts';

/** Whose keys they are where no user owns them; no user id can be one of these. */
export const KEY_SCOPES = {
  /** Of requests that belong to no user yet. */
  newUsers: 0n,
  /** Of operators' orders to redrive many letters. */
  bulkRedrives: -1n,
} as const;

export type KeyScope = (typeof KEY_SCOPES)[keyof typeof KEY_SCOPES];

export async function readUsedKey(
  queryable: Queryable,
  {
    scope,
    key,
    responseTtlMs,
  }: { readonly scope: KeyScope; readonly key: string; readonly responseTtlMs: number },
): Promise<UsedKey | undefined> {
  const { rows } = await queryable.query(
    `select fingerprint, resource_id, response_status,
            case when created_at > now() - $3 * interval '1 millisecond' then response_body end as response_body
     from idempotency_keys
     where scope = $1 and key = $2`,
    [scope, key, responseTtlMs],
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
export async function insertUsedKey(
  transaction: Transaction,
  {
    scope,
    key,
    fingerprint,
    resourceId,
    response,
  }: IdempotencyClaim & {
    readonly scope: KeyScope;
    readonly resourceId: bigint;
    readonly response: StoredResponse;
  },
): Promise<boolean> {
  const { rowCount } = await transaction.query(
    `insert into idempotency_keys (scope, key, fingerprint, resource_id, response_status, response_body)
     values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [scope, key, fingerprint, resourceId, response.status, response.body],
  );
  return rowCount === 1;
}
