import { setTimeout as sleep } from 'node:timers/promises';
import { recordLateResults } from '../payments/record-late-results.ts';
import { type FinishedRun, type SettlementResult, settlePayments } from '../payments/settle-payments.ts';
import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { createCoalescer } from '../shared/coalescer.ts';
import { CommitOutcomeUnknown } from '../shared/commit-outcome.ts';
import type { Pool } from '../shared/database.ts';
import type { WorkerEvents } from './worker-events.ts';

/** `unwritten`: the result could not be written; the lease will expire and the next run asks the gateway. */
export type WrittenResult = SettlementResult | 'unwritten';

export interface SettlementWriter {
  submit(run: FinishedRun): Promise<WrittenResult>;
  /** Stops trying again while the database is away. */
  giveUp(): void;
}

/** One is written while the next gathers and waits for its own COMMIT. */
export const MAX_CONCURRENT_SETTLEMENTS = 2;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;

/**
 * Gathers finished runs and settles them in batches. While the database is away a batch is tried again until it comes
 * back: settling twice changes nothing, because every write is behind the fence.
 */
export function createSettlementWriter({
  pool,
  maxBatchSize,
  events,
}: {
  readonly pool: Pool;
  readonly maxBatchSize: number;
  readonly events: WorkerEvents;
}): SettlementWriter {
  let hasGivenUp = false;
  const coalescer = createCoalescer<FinishedRun, WrittenResult>({
    maxBatchSize,
    // The worker claims no more while too many wait; a result that is there must not be turned away.
    maxWaiting: Number.MAX_SAFE_INTEGER,
    maxConcurrentBatches: MAX_CONCURRENT_SETTLEMENTS,
    run: settleBatch,
  });

  async function settleBatch(runs: readonly FinishedRun[]): Promise<WrittenResult[]> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      const startedAt = performance.now();
      try {
        const results = await settlePayments(pool, runs, { onDifferences: events.differed });
        events.batchSettled({ runCount: runs.length, durationMs: performance.now() - startedAt });
        runs.forEach((run, index) => {
          events.settled(run, results[index] as SettlementResult);
        });
        const late = runs.filter((_, index) => results[index] === 'stale');
        if (late.length > 0) await keepLateResults(late);
        return results;
      } catch (error) {
        const isPassing = error instanceof CommitOutcomeUnknown || classifyDatabaseError(error).isUnavailable;
        const willRetry = isPassing && !hasGivenUp;
        if (willRetry || runs.length === 1) events.settlementFailed({ runs, error, willRetry });
        if (!willRetry)
          return isPassing || runs.length === 1 ? runs.map(() => 'unwritten') : await settleOneByOne(runs);
        await sleep(pauseMs);
      }
    }
  }

  /** What a run found after it had lost its task settles nothing, but must not be lost when it contradicts what was settled. */
  async function keepLateResults(runs: readonly FinishedRun[]): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        const exceptions = await recordLateResults(pool, runs);
        if (exceptions.length > 0) events.differed(exceptions);
        return;
      } catch (error) {
        const willRetry = classifyDatabaseError(error).isUnavailable && !hasGivenUp;
        events.lateResultsUnwritten({ runs, error, willRetry });
        if (!willRetry) return;
        await sleep(pauseMs);
      }
    }
  }

  /** One run whose settlement is refused must not keep its neighbours from theirs. */
  async function settleOneByOne(runs: readonly FinishedRun[]): Promise<WrittenResult[]> {
    const results: WrittenResult[] = [];
    for (const run of runs) results.push(...(await settleBatch([run])));
    return results;
  }

  return {
    submit: (run) => coalescer.submit(run),
    giveUp() {
      hasGivenUp = true;
    },
  };
}
