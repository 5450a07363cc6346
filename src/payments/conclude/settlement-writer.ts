import { createCoalescer } from '../../background/coalescer.ts';
import { retry } from '../../background/retry.ts';
import type { Pool } from '../../database/database.ts';
import { createBatchLimit } from '../../database/transactions/batch-limit.ts';
import { classifyDatabaseError } from '../../database/transactions/classify-database-error.ts';
import { CommitOutcomeUnknown } from '../../database/transactions/commit-outcome.ts';
import { isLater, isOfSome, isTooMuch } from '../../database/transactions/together-or-apart.ts';
import { createDeferredRuns } from './deferred-runs.ts';
import { recordLateResults } from './record-late-results.ts';
import { type FinishedRun, type SettlementResult, settlePayments } from './settle-payments.ts';
import type { SettlementEvents } from './settlement-events.ts';

/** `unwritten`: the result could not be written; the lease will expire and the next run asks the gateway. */
export type WrittenResult = Exclude<SettlementResult, 'locked'> | 'unwritten';
type TriedResult = SettlementResult | 'unwritten';

export interface SettlementWriter {
  submit(run: FinishedRun): Promise<WrittenResult>;
  /** Gives back runs that wait for locked rows, and from now on lets none wait. */
  endWaiting(): void;
  /** Stops retrying while the database is unavailable. */
  giveUp(): void;
}

/** One batch is written while the next is gathered and waits for its own COMMIT. */
export const MAX_CONCURRENT_SETTLEMENTS = 2;
const PAUSES = { baseMs: 50, maxMs: 2000 };
const SLOW_AFTER_MS = 2000;
/** How long to halve a batch; what is left then is deferred. */
const SPLIT_MS = 20_000;

type LockedRows = 'wait' | 'skip';
/** How long a batch waits for locked rows: a busy wallet is soon free, and a blocked one must not hold up everybody. */
const LOCK_WAIT_MS: Readonly<Record<LockedRows, number>> = { wait: 500, skip: 100 };

/**
 * Gathers finished runs and settles them in batches. While the database is unavailable, a batch is retried until it is back: settling twice
 * is harmless, because every write is behind the fence. A run with locked rows is deferred, and a batch that is refused or too slow is
 * halved, so that no run holds up the settlement of others.
 */
export function createSettlementWriter({
  pool,
  maxBatchSize,
  leaseMs,
  events,
}: {
  readonly pool: Pool;
  readonly maxBatchSize: number;
  readonly leaseMs: number;
  readonly events: SettlementEvents;
}): SettlementWriter {
  let hasGivenUp = false;
  const batchLimit = createBatchLimit(maxBatchSize);
  const coalescer = createCoalescer<FinishedRun, TriedResult>({
    maxBatchSize: batchLimit.now,
    // The worker stops claiming while too many results wait; an existing result must never be refused.
    maxWaiting: Number.MAX_SAFE_INTEGER,
    maxConcurrentBatches: MAX_CONCURRENT_SETTLEMENTS,
    slowAfterMs: SLOW_AFTER_MS,
    maxSlowBatches: MAX_CONCURRENT_SETTLEMENTS,
    run: (runs) => settle(runs, 'wait', performance.now() + SPLIT_MS),
  });
  const slowLane = createCoalescer<FinishedRun, TriedResult>({
    maxBatchSize: batchLimit.now,
    maxWaiting: Number.MAX_SAFE_INTEGER,
    maxConcurrentBatches: 1,
    run: (runs) => settle(runs, 'skip', performance.now() + SPLIT_MS),
  });
  const aside = createDeferredRuns({
    trySettling: (run) => slowLane.submit(run),
    maxCount: maxBatchSize,
    maxWaitMs: leaseMs,
  });

  async function settle(
    runs: readonly FinishedRun[],
    lockedRows: LockedRows,
    splitUntilMs: number,
  ): Promise<TriedResult[]> {
    const willRetry = (error: unknown) => !isOfSome(error) && isPassing(error) && !hasGivenUp;
    try {
      return await retry(() => settleOnce(runs, lockedRows), {
        pauses: PAUSES,
        mayHelp: ({ error }) => willRetry(error),
        onFailed({ error }) {
          if (!isOfSome(error)) events.settlementFailed({ runs, error, willRetry: willRetry(error) });
        },
      });
    } catch (error) {
      if (isOfSome(error)) return await settleApart(runs, { lockedRows, splitUntilMs, error });
      return runs.map(() => 'unwritten');
    }
  }

  async function settleOnce(
    runs: readonly FinishedRun[],
    lockedRows: LockedRows,
  ): Promise<SettlementResult[]> {
    const startedAt = performance.now();
    const results = await settlePayments(pool, runs, {
      onDifferences: events.differencesFound,
      lockedRows,
      lockWaitMs: LOCK_WAIT_MS[lockedRows],
    });
    batchLimit.wellDone(runs.length);
    const settledCount = results.filter((result) => result !== 'locked').length;
    if (settledCount > 0)
      events.batchSettled({ runCount: settledCount, durationMs: performance.now() - startedAt });
    runs.forEach((run, index) => {
      const result = results[index] as SettlementResult;
      if (result !== 'locked') events.settled(run, result);
    });
    return results;
  }

  /** Handles a batch that failed because of some of its runs: finds the locked ones, and settles the others in halves. */
  async function settleApart(
    runs: readonly FinishedRun[],
    {
      lockedRows,
      splitUntilMs,
      error,
    }: { readonly lockedRows: LockedRows; readonly splitUntilMs: number; readonly error: unknown },
  ): Promise<TriedResult[]> {
    const { kind } = classifyDatabaseError(error);
    if (kind === 'lock_timeout' && lockedRows === 'wait') return await settle(runs, 'skip', splitUntilMs);
    if (isTooMuch(error)) batchLimit.tooSlow(runs.length);
    const mayBeTriedLater = isLater(error);
    if (runs.length === 1 || (mayBeTriedLater && performance.now() > splitUntilMs)) {
      events.settlementFailed({ runs, error, willRetry: mayBeTriedLater });
      return runs.map(() => (mayBeTriedLater ? 'locked' : 'unwritten'));
    }
    const half = Math.ceil(runs.length / 2);
    return [
      ...(await settle(runs.slice(0, half), lockedRows, splitUntilMs)),
      ...(await settle(runs.slice(half), lockedRows, splitUntilMs)),
    ];
  }

  /**
   * The answer of a run that lost its task settles nothing, but must not be lost if it contradicts what was settled. It is retried for as
   * long as a lease, independently of the others.
   */
  async function keepLateResult(run: FinishedRun): Promise<void> {
    const untilMs = performance.now() + leaseMs;
    const willRetry = (error: unknown) => {
      const isAway = classifyDatabaseError(error).kind !== 'lock_timeout';
      return isPassing(error) && !hasGivenUp && (isAway || performance.now() < untilMs);
    };
    const record = async () => {
      const differences = await recordLateResults(pool, [run]);
      if (differences.length > 0) events.differencesFound(differences);
    };
    await retry(record, {
      pauses: PAUSES,
      mayHelp: ({ error }) => willRetry(error),
      onFailed: ({ error }) =>
        events.lateResultsUnwritten({ runs: [run], error, willRetry: willRetry(error) }),
    }).catch(() => {}); // Each failure has been reported.
  }

  return {
    async submit(run) {
      let result = await coalescer.submit(run);
      if (result === 'locked') {
        events.deferred(run);
        result = await aside.keepTrying(run);
      }
      if (result === 'stale') await keepLateResult(run);
      return result as WrittenResult;
    },
    endWaiting: aside.endWaiting,
    giveUp() {
      hasGivenUp = true;
    },
  };
}

/** The database is away, or a COMMIT was lost whose outcome is not known yet: the same write may succeed later. */
function isPassing(error: unknown): boolean {
  return error instanceof CommitOutcomeUnknown || classifyDatabaseError(error).isUnavailable;
}
