import type { Pool } from '../database/database.ts';
import { inSlices } from '../database/transactions/in-slices.ts';
import { isStillStored } from './used-keys.sql.ts';

const BATCH_SIZE = 5000;
/** The next run, an hour later, continues with what is left. */
const RUN_MS = 300_000;

/**
 * Removes stored answers that are older than their time to live, one batch at a time. The keys stay, so that none of them executes again.
 * @returns how many answers were removed.
 */
export async function expireStoredResponses(
  pool: Pool,
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<number> {
  const { rowCount } = await inSlices({
    rowLimit: BATCH_SIZE,
    runMs: RUN_MS,
    async takeSlice(limit) {
      const { rowCount: count } = await pool.query(
        `update idempotency_keys as used
         set response_body = null
         from (
           select scope, key
           from idempotency_keys
           where response_body is not null and not (${isStillStored('created_at', '$1')})
           order by created_at
           limit $2
           for update skip locked
         ) as expired
         where used.scope = expired.scope and used.key = expired.key`,
        [responseTtlMs, limit],
      );
      return { rowCount: count ?? 0, isDone: (count ?? 0) < limit };
    },
  });
  return rowCount;
}
