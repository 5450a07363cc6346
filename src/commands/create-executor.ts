import { createCoalescer } from '../background/coalescer.ts';
import type { Pool } from '../database/database.ts';
import { createBatchLimit } from '../database/transactions/batch-limit.ts';
import { toCommandError } from './command-error.ts';
import type { CommandKind } from './command-kind.ts';
import { type CommandOutcome, CommandUnavailable } from './command-outcome.ts';
import { APART, type ApartResult, executeTogetherOrApart, TOGETHER } from './execute-apart.ts';
import { executeBatch, type LockPatience } from './execute-batch.ts';
import { createLockWait } from './wait-for-locks.ts';

export interface ExecutorOptions {
  readonly pool: Pool;
  readonly maxBatchSize: number;
  /** The most commands that may wait for a batch; another one is refused at once. */
  readonly maxWaiting: number;
  /** How long a command may wait for a batch before it is refused, with nothing done. */
  readonly maxWaitMs?: number | undefined;
  /** How long a command waits for rows that another transaction has locked, before it is refused. */
  readonly lockPatienceMs?: number | undefined;
  /**
   * Whether no command may be carried out now. A key that was used before still gets its answer, because nothing moves for it; every other
   * command is refused.
   */
  readonly isHalted?: (() => boolean) | undefined;
  readonly onBatch?: (batch: { readonly requestCount: number; readonly durationMs: number }) => void;
  /** Fires after a commit. */
  readonly onCommitted?: () => void;
}

export interface Executor<Request, Result> {
  /**
   * Executes one command, together with others of its kind that arrive at the same time.
   * @throws CommandUnavailable if nothing was written; CommitOutcomeUnknown if that is not known.
   */
  execute(request: Request): Promise<CommandOutcome<Result>>;
  waitingCount(): number;
  /** Resolves when every accepted command has its outcome. */
  stop(): Promise<void>;
}

/**
 * Two batches at once: while one waits for its COMMIT, the next can be read and decided. A stuck batch gives its place to another, up to as
 * many again.
 */
const MAX_CONCURRENT_BATCHES = 2;
const SLOW_AFTER_MS = 1000;
const DEFAULT_LOCK_PATIENCE_MS = 3000;
/** A batch that a lock stops must leave enough of the clients' patience to execute its commands apart. */
const SHARE_OF_PATIENCE_TOGETHER = 0.25;

/** The only way to move or reserve money: gathers commands of a kind into batches and executes them. */
export function createExecutor<Request, Facts, Row, Result, Prepared>(
  kind: CommandKind<Request, Facts, Row, Result, Prepared>,
  options: ExecutorOptions,
): Executor<Request, Result> {
  const { pool, lockPatienceMs = DEFAULT_LOCK_PATIENCE_MS, isHalted = () => false } = options;
  const together = {
    ...TOGETHER,
    lockWaitMs: Math.min(TOGETHER.lockWaitMs, lockPatienceMs * SHARE_OF_PATIENCE_TOGETHER),
  };
  const batchLimit = createBatchLimit(options.maxBatchSize);
  const limits = {
    maxBatchSize: batchLimit.now,
    maxWaiting: options.maxWaiting,
    maxWaitMs: options.maxWaitMs,
  };
  const coalescer = createCoalescer<Request, ApartResult<Result>>({
    ...limits,
    maxConcurrentBatches: MAX_CONCURRENT_BATCHES,
    slowAfterMs: SLOW_AFTER_MS,
    maxSlowBatches: MAX_CONCURRENT_BATCHES,
    run: (requests) => executeAll(requests, together),
  });
  /** For commands whose rows are locked: one small batch at a time, which never waits for a lock. */
  const slowLane = createCoalescer<Request, ApartResult<Result>>({
    ...limits,
    maxConcurrentBatches: 1,
    run: (requests) => executeAll(requests, APART),
  });
  const lockWait = createLockWait<Request, Result>({
    fundsOf: kind.fundsOf,
    patienceMs: lockPatienceMs,
    tryAgain: slowLane.submit,
  });
  const underWay = new Set<Promise<unknown>>();

  async function executeAll(
    requests: readonly Request[],
    patience: LockPatience,
  ): Promise<ApartResult<Result>[]> {
    const startedAtMs = performance.now();
    let hasWritten = false;
    const results = await executeTogetherOrApart(requests, {
      execute: (some, itsPatience) => executeBatch(kind, some, { pool, patience: itsPatience, isHalted }),
      patience,
      splitUntilMs: startedAtMs + lockPatienceMs,
      onWellDone: batchLimit.wellDone,
      onTooSlow: batchLimit.tooSlow,
      onWritten: () => {
        hasWritten = true;
      },
    });
    options.onBatch?.({ requestCount: requests.length, durationMs: performance.now() - startedAtMs });
    if (hasWritten) options.onCommitted?.();
    return results;
  }

  async function executeOne(request: Request): Promise<CommandOutcome<Result>> {
    const first = await (lockWait.isExpected(request) ? slowLane : coalescer).submit(request);
    const result = first.kind === 'locked' ? await lockWait.wait(request, first) : first;
    if (result.kind === 'outcome') return result.outcome;
    if (result.kind === 'error') throw result.error;
    if (result.row === 'key') return { kind: 'key_in_use' };
    throw new CommandUnavailable('wallet', { cause: result.error });
  }

  return {
    async execute(request) {
      const executed = executeOne(request);
      underWay.add(executed);
      try {
        return await executed;
      } catch (error) {
        throw toCommandError(error);
      } finally {
        underWay.delete(executed);
      }
    },
    waitingCount: () => coalescer.waitingCount() + slowLane.waitingCount(),
    async stop() {
      await Promise.allSettled(underWay);
    },
  };
}
