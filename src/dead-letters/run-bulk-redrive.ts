import { createPace, type PaceClock } from '../background/pace.ts';
import { CommandUnavailable } from '../commands/command-outcome.ts';
import type { Pool } from '../database/database.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../database/transactions/commit-outcome.ts';
import { type BulkRedrive, letterReason, type SliceCounts } from './bulk-redrive.ts';
import { readNextLetterIds, recordSlice, takeDueBulkRedrive, wasRedrivenBy } from './bulk-redrives.sql.ts';
import type { RedriveOutcome } from './redrive.ts';
import { redriveDeadLetter } from './redrive-dead-letter.ts';

/** Much longer than a slice takes. If a worker dies during a slice, it is delayed by this much. */
const CLAIM_MS = 15_000;

export interface BulkRedriveSlice {
  readonly redrive: BulkRedrive;
  readonly counts: SliceCounts;
  readonly isLast: boolean;
}

export interface SliceOptions {
  /** Called for letters that cannot be redriven; the redrive continues with the next. */
  readonly onLetterFailed: (letterId: bigint, error: unknown) => void;
  readonly claimMs?: number;
  readonly clock?: PaceClock;
}

/**
 * Does the next slice of each redrive that is due, at most `mostAtOnce` of them: what each may redrive in a second, spread over that
 * second, so that each has a pace of its own. The next slice is due at once, and begins where the second ends. Each letter is redriven in a
 * transaction of its own, as a person would do it. A crash in between loses nothing: the letters that were closed say by whom, and are
 * counted by whoever takes over. Evidence is never overridden here (I15): letters with evidence are counted and left to a person.
 * @throws an error if the database is unavailable; the slice is then repeated.
 */
export async function runBulkRedriveSlices(
  pool: Pool,
  { mostAtOnce, ...options }: SliceOptions & { readonly mostAtOnce: number },
): Promise<BulkRedriveSlice[]> {
  const slices: Promise<BulkRedriveSlice | undefined>[] = [];
  while (slices.length < mostAtOnce) {
    const redrive = await takeDueBulkRedrive(pool, { claimMs: options.claimMs ?? CLAIM_MS });
    if (!redrive) break;
    slices.push(runSlice(pool, redrive, options));
    // It is awaited below; a failure before that must not end the process.
    slices.at(-1)?.catch(() => {});
  }
  const ended = await Promise.allSettled(slices);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  return ended.flatMap((end) => (end.status === 'fulfilled' && end.value ? [end.value] : []));
}

async function runSlice(
  pool: Pool,
  redrive: BulkRedrive,
  { onLetterFailed, claimMs = CLAIM_MS, clock }: SliceOptions,
): Promise<BulkRedriveSlice | undefined> {
  const startedAtMs = performance.now();
  const pace = createPace({ perSecond: redrive.perSecond, clock });
  const letterIds = await readNextLetterIds(pool, redrive, redrive.perSecond);
  const counts = { redriven: 0, refused: 0, withheld: 0, skipped: 0, failed: 0 };
  let doneLetterId = redrive.doneLetterId;
  for (const letterId of letterIds) {
    // A slow database must not make a slice outlast its claim.
    if (performance.now() - startedAtMs > claimMs / 2) break;
    await pace();
    counts[await redriveOne(pool, redrive, letterId, onLetterFailed)] += 1;
    doneLetterId = letterId;
  }
  const isLast = letterIds.length < redrive.perSecond && doneLetterId === (letterIds.at(-1) ?? doneLetterId);
  // The gap after the last letter belongs to this slice, so that the next one begins with a letter.
  if (!isLast) await pace();
  const isRecorded = await recordSlice(pool, redrive, { doneLetterId, counts, isLast });
  return isRecorded ? { redrive, counts, isLast } : undefined;
}

/** Redriven one at a time, they would be refused as well; their letters stay open. */
const REFUSED: ReadonlySet<RedriveOutcome['kind']> = new Set([
  'insufficient_funds',
  'refund_exceeds_deposit',
  'wallet_frozen',
  'wallet_closed',
]);

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
    if (REFUSED.has(outcome.kind)) return 'refused';
    if (outcome.kind === 'evidence') return 'withheld';
    return (await wasRedrivenBy(pool, redrive, id)) ? 'redriven' : 'skipped';
  } catch (error) {
    // If a letter may have been redriven, the next slice checks it again, by what the letter records.
    const isOfAll = error instanceof CommitOutcomeUnknown || error instanceof CommandUnavailable;
    if (isOfAll || classifyDatabaseError(error).isUnavailable) throw error;
    onLetterFailed(id, error);
    return 'failed';
  }
}
