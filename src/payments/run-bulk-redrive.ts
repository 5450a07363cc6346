import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../shared/commit-outcome.ts';
import type { Pool } from '../shared/database.ts';
import { type BulkRedrive, letterReason, type SliceCounts } from './bulk-redrive.ts';
import { readNextLetterIds, recordSlice, takeDueBulkRedrive, wasRedrivenBy } from './bulk-redrives.sql.ts';
import { redriveDeadLetter } from './handle-dead-letter.ts';

/** One slice is what a redrive may do in a second. */
const SLICE_MS = 1000;
/** Much longer than a slice takes; a worker that dies in one costs this much. */
const LEASE_MS = 15_000;

export interface BulkRedriveSlice {
  readonly redrive: BulkRedrive;
  readonly counts: SliceCounts;
  readonly isLast: boolean;
}

/**
 * Does the next slice of the redrive that is due, if one is. Each letter is redriven in a transaction of its own, as a
 * person would do it. A crash in between loses nothing: the letters that were closed say by whom, and are counted by
 * whoever takes over.
 * Evidence is never overridden here (I15): letters whose payment has some are counted and left to a person.
 * @param onLetterFailed hears of letters that cannot be redriven; the redrive goes on with the next.
 * @throws when the database is away; the slice is then done again.
 */
export async function runBulkRedriveSlice(
  pool: Pool,
  {
    onLetterFailed,
    sliceMs = SLICE_MS,
    leaseMs = LEASE_MS,
  }: {
    readonly onLetterFailed: (letterId: bigint, error: unknown) => void;
    readonly sliceMs?: number;
    readonly leaseMs?: number;
  },
): Promise<BulkRedriveSlice | undefined> {
  const startedAtMs = performance.now();
  const redrive = await takeDueBulkRedrive(pool, { leaseMs });
  if (!redrive) return undefined;
  const letterIds = await readNextLetterIds(pool, redrive, redrive.perSecond);
  const counts = { redriven: 0, refused: 0, withheld: 0, skipped: 0, failed: 0 };
  let doneLetterId = redrive.doneLetterId;
  for (const letterId of letterIds) {
    // A slow database must not make a slice outlast its lease.
    if (performance.now() - startedAtMs > leaseMs / 2) break;
    counts[await redriveOne(pool, redrive, letterId, onLetterFailed)] += 1;
    doneLetterId = letterId;
  }
  const isLast = letterIds.length < redrive.perSecond && doneLetterId === (letterIds.at(-1) ?? doneLetterId);
  const pauseMs = Math.max(0, sliceMs - (performance.now() - startedAtMs));
  const isRecorded = await recordSlice(pool, redrive, { doneLetterId, counts, isLast, pauseMs });
  return isRecorded ? { redrive, counts, isLast } : undefined;
}

async function redriveOne(
  pool: Pool,
  redrive: BulkRedrive,
  id: bigint,
  onLetterFailed: (letterId: bigint, error: unknown) => void,
): Promise<keyof SliceCounts> {
  try {
    const reason = letterReason(redrive);
    const outcome = await redriveDeadLetter(pool, { id, by: redrive.requestedBy, reason });
    if (outcome.kind === 'redriven') return 'redriven';
    if (outcome.kind === 'insufficient_funds') return 'refused';
    if (outcome.kind === 'evidence') return 'withheld';
    return (await wasRedrivenBy(pool, redrive, id)) ? 'redriven' : 'skipped';
  } catch (error) {
    // What may have been redriven is looked at again with the next slice: its letter says so.
    if (error instanceof CommitOutcomeUnknown || classifyDatabaseError(error).isUnavailable) throw error;
    onLetterFailed(id, error);
    return 'failed';
  }
}
