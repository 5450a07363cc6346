import type { Queryable, Transaction } from '../database/database.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import {
  type KeyedResource,
  KeyInUse,
  KeyRace,
  type ScopedClaim,
  type StoredResponse,
  type UsedKey,
} from './used-key.ts';

/** The columns of `usedKeyColumns`; `resource_id` is null if the key was not used. */
export interface UsedKeyRow {
  readonly resource_kind: KeyedResource['kind'];
  readonly resource_id: bigint | null;
  readonly fingerprint: Buffer;
  readonly response_status: number;
  readonly response_body: string | null;
}

/**
 * Whether a key's stored response is still replayed.
 * @param createdAt the column that says when the key was used.
 * @param ttl the parameter with a response's time to live in milliseconds.
 */
export function isStillStored(createdAt: string, ttl: string): string {
  return `${createdAt} > now() - ${ttl} * interval '1 millisecond'`;
}

/**
 * Finds the key of a request, as a lateral join named `used`, for a command that reads it together with its other data. The limit keeps the
 * planner from reading the whole table (decision 19).
 * @param scope and `key` are columns or parameters.
 */
export function usedKeyOf(scope: string, key: string): string {
  return `
    select resource_kind, resource_id, fingerprint, response_status, response_body, created_at
    from idempotency_keys
    where scope = ${scope} and key = ${key}
    limit 1`;
}

/** The columns of `used` that `toUsedKey` needs, without an expired response. */
export function usedKeyColumns(ttl: string): string {
  return `
    used.resource_kind, used.resource_id, used.fingerprint, used.response_status,
    case when ${isStillStored('used.created_at', ttl)} then used.response_body end as response_body`;
}

export function toUsedKey(row: UsedKeyRow): UsedKey | null {
  if (row.resource_id === null) return null;
  return {
    fingerprint: row.fingerprint,
    resource: { kind: row.resource_kind, id: row.resource_id },
    status: row.response_status,
    response: row.response_body === null ? null : { status: row.response_status, body: row.response_body },
  };
}

export async function readUsedKey(
  queryable: Queryable,
  { scope, key }: ScopedClaim,
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<UsedKey | null> {
  const { rows } = await queryable.query<UsedKeyRow>(
    `select ${usedKeyColumns('$3')} from (${usedKeyOf('$1', '$2')}) as used`,
    [scope, key, responseTtlMs],
  );
  return rows[0] ? toUsedKey(rows[0]) : null;
}

/** A key to store, with what it created and the answer to replay. */
export interface KeyToWrite extends ScopedClaim {
  readonly resource: KeyedResource;
  readonly response: StoredResponse;
}

/**
 * Writes keys with their answers, in sorted order, so that two processes that write the same keys wait for each other and cannot deadlock.
 * @throws KeyRace if another process used one of them first; KeyInUse if another transaction holds one for too long.
 */
export async function insertKeys(transaction: Transaction, keys: readonly KeyToWrite[]): Promise<void> {
  if (keys.length === 0) return;
  const { rowCount } = await transaction
    .query({
      name: 'idempotency-insert-keys',
      text: `
        insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body)
        select *
        from unnest($1::bigint[], $2::text[], $3::bytea[], $4::text[], $5::bigint[], $6::int[], $7::text[])
          as t (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body)
        order by scope, key
        on conflict do nothing`,
      values: [
        keys.map(({ scope }) => scope),
        keys.map(({ key }) => key),
        keys.map(({ fingerprint }) => fingerprint),
        keys.map(({ resource }) => resource.kind),
        keys.map(({ resource }) => resource.id),
        keys.map(({ response }) => response.status),
        keys.map(({ response }) => response.body),
      ],
    })
    .catch((error: unknown) => {
      // These are new rows, so a transaction that holds one has just used the same key.
      const isLocked = classifyDatabaseError(error).kind === 'lock_timeout';
      throw isLocked ? new KeyInUse('', { cause: error }) : error;
    });
  if (rowCount !== keys.length) throw new KeyRace();
}

/** Whether a key has this answer. If so, it is right to return it, whoever wrote it. */
export async function isKeyWritten(
  queryable: Queryable,
  { scope, key, fingerprint, response }: KeyToWrite,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from idempotency_keys where scope = $1 and key = $2 and fingerprint = $3 and response_body = $4`,
    [scope, key, fingerprint, response.body],
  );
  return rowCount === 1;
}
