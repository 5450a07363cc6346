import type { Pool } from '../database/database.ts';
import { inSlices } from '../database/transactions/in-slices.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { failpoint } from '../process/failpoints/failpoint.ts';
import { fitRange } from './fit-range.ts';
import { foldEntries, lockSystemAccounts, readFoldState } from './fold-system-accounts.sql.ts';
import { readHorizon } from './server/clock.sql.ts';
import { assertIdsGoForward } from './server/decide-clock.ts';

export interface FoldOptions {
  /** The most entries in one slice, which is its own transaction. */
  readonly sliceEntries?: number;
  /** When to leave the rest for the next fold; a slice that has begun is finished. */
  readonly runMs?: number;
}

export interface FoldResult {
  /** How many system accounts there are. */
  readonly accountCount: number;
  readonly sliceCount: number;
  /** Whether everything that had ended when the fold began is folded. */
  readonly isCaughtUp: boolean;
}

const SLICE_ENTRIES = 50_000;
const RUN_MS = 50_000;

/**
 * Adds the entries of system accounts to their stored balances, up to a watermark, in slices that are separate transactions: a finished
 * slice stays done, whatever happens to the next.
 *
 * The watermark is a transaction id, not an entry id: entry ids are assigned before commit, so a smaller one may still appear after a
 * larger one was counted. Every transaction below `pg_snapshot_xmin` has ended, so everything below it is complete. Folding twice, or in
 * two processes at once, is harmless.
 * @throws TransactionIdsWentBack if the database is on a server whose ids are behind the watermark; a database error.
 */
export async function foldSystemAccounts(
  pool: Pool,
  { sliceEntries = SLICE_ENTRIES, runMs = RUN_MS }: FoldOptions = {},
): Promise<FoldResult> {
  let end: bigint | undefined;
  let step: bigint | undefined;
  let accountCount = 0;
  let sliceCount = 0;
  const { isDone } = await inSlices({
    rowLimit: sliceEntries,
    runMs,
    async takeSlice(rowLimit) {
      const slice = await foldSlice(pool, { end, step, rowLimit });
      ({ end, accountCount } = slice);
      step = slice.nextStep;
      if (slice.hasFolded) sliceCount += 1;
      return { rowCount: slice.hasFolded ? 1 : 0, isDone: slice.isCaughtUp };
    },
  });
  return { accountCount, sliceCount, isCaughtUp: isDone };
}

interface Slice {
  readonly accountCount: number;
  /** Where the whole fold ends: the horizon at its first slice. */
  readonly end: bigint;
  readonly nextStep: bigint | undefined;
  readonly hasFolded: boolean;
  readonly isCaughtUp: boolean;
}

async function foldSlice(
  pool: Pool,
  {
    end: wantedEnd,
    step,
    rowLimit,
  }: { readonly end: bigint | undefined; readonly step: bigint | undefined; readonly rowLimit: number },
): Promise<Slice> {
  const folded = await inTransaction(pool, async (transaction) => {
    await lockSystemAccounts(transaction);
    const { accountCount, leastBelow: from, mostBelow } = await readFoldState(transaction);
    const horizon = await readHorizon(transaction);
    assertIdsGoForward({ markedBelow: mostBelow, next: horizon.next });
    const end = wantedEnd ?? horizon.below;
    if (accountCount === 0 || from >= end)
      return { accountCount, end, nextStep: step, hasFolded: false, isCaughtUp: true };
    const fitted = await fitRange(transaction, { from, end, step: step ?? end - from, rowLimit });
    await foldEntries(transaction, fitted.range);
    failpoint('fold.before_commit');
    const isCaughtUp = fitted.range.below >= end;
    return { accountCount, end, nextStep: fitted.nextStep, hasFolded: true, isCaughtUp };
  });
  failpoint('fold.after_commit');
  return folded;
}
