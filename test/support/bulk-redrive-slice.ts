import type { Pool } from '../../src/database/database.ts';
import {
  type BulkRedriveSlice,
  runBulkRedriveSlices,
  type SliceOptions,
} from '../../src/dead-letters/run-bulk-redrive.ts';

/** Does the next slice of one redrive, if one is due. */
export async function runBulkRedriveSlice(
  pool: Pool,
  options: SliceOptions,
): Promise<BulkRedriveSlice | undefined> {
  const [slice] = await runBulkRedriveSlices(pool, { ...options, mostAtOnce: 1 });
  return slice;
}
