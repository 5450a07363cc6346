import type { Pool } from '../database/database.ts';
import { inSlices } from '../database/transactions/in-slices.ts';
import { deleteLastLines, selectEndedReportIds } from './book-lines.sql.ts';

const SLICE_LINES = 10_000;

/**
 * Deletes the loaded lines of a report, in slices.
 * @returns whether all are deleted; if the time limit ends first, the rest is left for the next clean-up.
 */
export async function cleanUpLines(
  pool: Pool,
  { reportId, runMs }: { readonly reportId: bigint; readonly runMs: number },
): Promise<boolean> {
  let before: bigint | null = null;
  const { isDone } = await inSlices({
    rowLimit: SLICE_LINES,
    runMs,
    async takeSlice(limit) {
      const slice = await deleteLastLines(pool, { reportId, before, limit });
      before = slice.before;
      return { rowCount: slice.rowCount, isDone: slice.rowCount < limit };
    },
  });
  return isDone;
}

/** Deletes the lines of all reports that are no longer running. */
export async function cleanUpEndedReports(pool: Pool, { runMs }: { readonly runMs: number }): Promise<void> {
  const deadline = performance.now() + runMs;
  for (const reportId of await selectEndedReportIds(pool)) {
    const isDone = await cleanUpLines(pool, { reportId, runMs: deadline - performance.now() });
    if (!isDone) return;
  }
}
