import { setTimeout as sleep } from 'node:timers/promises';
import { CommandUnavailable } from '../commands/command-outcome.ts';
import { createBatchLimit } from '../shared/batch-limit.ts';
import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { CoalescerFull, CoalescerLate, createCoalescer } from '../shared/coalescer.ts';
import { CommitOutcomeUnknown } from '../shared/commit-outcome.ts';
import { isOfSome } from '../shared/together-or-apart.ts';
import {
  type AcceptBatchOptions,
  acceptBatch,
  type BatchOutcome,
  KeyInUse,
  type LockPatience,
} from './accept-batch.ts';
import { type AcceptanceOutcome, AcceptanceOutcomeUnknown, type PaymentRequest } from './acceptance.ts';

export interface AcceptorOptions extends AcceptBatchOptions {
  readonly maxBatchSize: number;
  /** Requests that may wait for a batch; one more is refused at once. */
  readonly maxWaiting: number;
  /** How long a request may wait for a batch before it is refused, with nothing done. */
  readonly maxWaitMs?: number | undefined;
  /** How long a request waits for a wallet or a key that somebody else has, before it is refused. */
  readonly lockPatienceMs?: number | undefined;
  readonly onBatch?: (batch: { readonly requestCount: number; readonly durationMs: number }) => void;
  /** Fires after payments were committed: workers can be woken. */
  readonly onCommitted?: () => void;
}

export interface Acceptor {
  /**
   * Accepts one payment, together with others that arrive at the same time.
   * @throws CommandUnavailable when nothing was written; AcceptanceOutcomeUnknown when that cannot be said.
   */
  accept(request: PaymentRequest): Promise<AcceptanceOutcome>;
  waitingCount(): number;
  /** Resolves when every request that was taken in has its answer. */
  stop(): Promise<void>;
}

/**
 * Two batches under way: while one waits for its COMMIT, the next can be read and decided. One that is stuck gives its place
 * to another, up to as many again.
 */
const MAX_CONCURRENT_BATCHES = 2;
const SLOW_AFTER_MS = 1000;
const MAX_TRIES = 4;
const DEFAULT_LOCK_PATIENCE_MS = 3000;

/** A wallet that other payments are made from is soon free; what is not is set aside, and costs its neighbours this much. */
const TOGETHER: LockPatience = { lockedWallets: 'wait', lockWaitMs: 500 };
/** What was set aside is tried again and again instead of waiting in a transaction that has locked other rows. */
const APART: LockPatience = { lockedWallets: 'set_aside', lockWaitMs: 100 };
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 250;

type BatchResult =
  | { readonly kind: 'outcome'; readonly outcome: AcceptanceOutcome }
  | { readonly kind: 'error'; readonly error: unknown }
  /** Somebody else has a row that this request needs; nothing was written for it. */
  | { readonly kind: 'locked'; readonly row: 'wallet' | 'key' | 'other'; readonly error?: unknown };

export function createAcceptor(options: AcceptorOptions): Acceptor {
  const { lockPatienceMs = DEFAULT_LOCK_PATIENCE_MS } = options;
  const batchLimit = createBatchLimit(options.maxBatchSize);
  const limits = {
    maxBatchSize: batchLimit.now,
    maxWaiting: options.maxWaiting,
    maxWaitMs: options.maxWaitMs,
  };
  const coalescer = createCoalescer<PaymentRequest, BatchResult>({
    ...limits,
    maxConcurrentBatches: MAX_CONCURRENT_BATCHES,
    slowAfterMs: SLOW_AFTER_MS,
    maxSlowBatches: MAX_CONCURRENT_BATCHES,
    run: (requests) => acceptAll(requests, TOGETHER),
  });
  /** For requests whose wallet or key somebody else has: one small batch at a time, which waits for nobody. */
  const slowLane = createCoalescer<PaymentRequest, BatchResult>({
    ...limits,
    maxConcurrentBatches: 1,
    run: (requests) => acceptAll(requests, APART),
  });
  /** How many requests wait for each wallet that is locked; more of them need not find that out at their neighbours' cost. */
  const lockedWallets = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();

  async function acceptAll(
    requests: readonly PaymentRequest[],
    patience: LockPatience,
  ): Promise<BatchResult[]> {
    const startedAt = performance.now();
    // Halving what is all locked or slow must end before the clients give up.
    const results = await acceptTogetherOrApart(requests, patience, startedAt + lockPatienceMs);
    options.onBatch?.({ requestCount: requests.length, durationMs: performance.now() - startedAt });
    if (results.some(isNewPayment)) options.onCommitted?.();
    return results;
  }

  /** A batch that fails for what some of it is is tried again in halves: one request must not spoil its neighbours. */
  async function acceptTogetherOrApart(
    requests: readonly PaymentRequest[],
    patience: LockPatience,
    splitUntilMs: number,
  ): Promise<BatchResult[]> {
    try {
      const outcomes = await acceptWithRetries(requests, patience);
      batchLimit.wellDone(requests.length);
      return outcomes.map((outcome) =>
        outcome.kind === 'wallet_locked' ? { kind: 'locked', row: 'wallet' } : { kind: 'outcome', outcome },
      );
    } catch (error) {
      const { kind } = classifyDatabaseError(error);
      const isKeyInUse = error instanceof KeyInUse;
      const isLocked = isKeyInUse || kind === 'lock_timeout';
      if (kind === 'timeout' && isOfSome(error)) batchLimit.tooSlow(requests.length);
      const isLate = performance.now() > splitUntilMs;
      if (isLocked && patience !== APART && !isLate)
        return await acceptTogetherOrApart(requests, APART, splitUntilMs);
      if (isLocked && requests.length === 1)
        return [{ kind: 'locked', row: isKeyInUse ? 'key' : 'other', error }];
      if (requests.length === 1 || !isOfSome(error) || isLate)
        return requests.map(() => ({ kind: 'error', error: isKeyInUse ? error.cause : error }));
      const half = Math.ceil(requests.length / 2);
      return [
        ...(await acceptTogetherOrApart(requests.slice(0, half), patience, splitUntilMs)),
        ...(await acceptTogetherOrApart(requests.slice(half), patience, splitUntilMs)),
      ];
    }
  }

  async function acceptWithRetries(
    requests: readonly PaymentRequest[],
    patience: LockPatience,
  ): Promise<readonly BatchOutcome[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await acceptBatch(requests, options, patience);
      } catch (error) {
        // Nothing was written, so trying again is safe: a deadlock's victim, or a pooled connection that had died.
        const { kind } = classifyDatabaseError(error);
        const isOfOneConnection = kind === 'connection' || kind === 'stale_session';
        const canTryAgain = kind === 'serialization' || (isOfOneConnection && tries === 1);
        if (error instanceof CommitOutcomeUnknown || !canTryAgain || tries >= MAX_TRIES) throw error;
      }
    }
  }

  async function acceptOne(request: PaymentRequest): Promise<AcceptanceOutcome> {
    const wallet = walletOf(request);
    const isKnownToBeLocked = request.type === 'withdraw' && lockedWallets.has(wallet);
    const first = await (isKnownToBeLocked ? slowLane : coalescer).submit(request);
    const result = first.kind === 'locked' ? await waitForOthers(request, first) : first;
    if (result.kind === 'outcome') return result.outcome;
    if (result.kind === 'error') throw result.error;
    if (result.row === 'key') return { kind: 'key_in_use' };
    throw new CommandUnavailable(result.row === 'wallet' ? 'wallet' : 'database', { cause: result.error });
  }

  /** Tries a request again and again until whoever has its wallet or its key lets go, for as long as a lock may be waited for. */
  async function waitForOthers(request: PaymentRequest, first: BatchResult): Promise<BatchResult> {
    const untilMs = performance.now() + lockPatienceMs;
    const wallet = walletOf(request);
    const isForWallet = first.kind === 'locked' && first.row === 'wallet';
    if (isForWallet) lockedWallets.set(wallet, (lockedWallets.get(wallet) ?? 0) + 1);
    try {
      let result = first;
      let pauseMs = FIRST_PAUSE_MS;
      while (result.kind === 'locked' && performance.now() < untilMs) {
        await sleep(pauseMs * (0.75 + Math.random() / 2));
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
        result = await slowLane.submit(request);
      }
      return result;
    } finally {
      const left = (lockedWallets.get(wallet) ?? 1) - 1;
      if (isForWallet && left === 0) lockedWallets.delete(wallet);
      else if (isForWallet) lockedWallets.set(wallet, left);
    }
  }

  return {
    async accept(request) {
      const accepted = acceptOne(request);
      underWay.add(accepted);
      try {
        return await accepted;
      } catch (error) {
        throw toAcceptanceError(error);
      } finally {
        underWay.delete(accepted);
      }
    },
    waitingCount: () => coalescer.waitingCount() + slowLane.waitingCount(),
    async stop() {
      await Promise.allSettled(underWay);
    },
  };
}

function walletOf({ userId, currency }: PaymentRequest): string {
  return `${userId} ${currency}`;
}

function isNewPayment(result: BatchResult): boolean {
  return result.kind === 'outcome' && result.outcome.kind === 'answered' && !result.outcome.isReplay;
}

/** What an error means to the client; an error that is not about the database's availability is given back as it is. */
function toAcceptanceError(error: unknown): unknown {
  if (error instanceof CommandUnavailable) return error;
  if (error instanceof CoalescerFull || error instanceof CoalescerLate)
    return new CommandUnavailable('overload', { cause: error });
  if (error instanceof CommitOutcomeUnknown)
    return new AcceptanceOutcomeUnknown(error.message, { cause: error });
  const { isUnavailable } = classifyDatabaseError(error);
  return isUnavailable ? new CommandUnavailable('database', { cause: error }) : error;
}
