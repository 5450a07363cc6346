import type { Pool } from '../shared/database.ts';

const BATCH_SIZE = 5000;

/**
 * Removes stored answers that are older than their time to live, a batch at a time; the keys stay, so that none of them
 * executes again.
 * @returns how many answers were removed.
 */
export async function expireStoredResponses(
  pool: Pool,
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<number> {
  let expiredCount = 0;
  for (;;) {
    const { rowCount } = await pool.query(
      `update idempotency_keys as used
       set response_body = null
       from (
         select scope, key
         from idempotency_keys
         where response_body is not null and created_at <= now() - $1 * interval '1 millisecond'
         order by created_at
         limit $2
         for update skip locked
       ) as expired
       where used.scope = expired.scope and used.key = expired.key`,
      [responseTtlMs, BATCH_SIZE],
    );
    expiredCount += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH_SIZE) return expiredCount;
  }
}
