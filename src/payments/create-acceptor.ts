import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { CoalescerFull, CoalescerLate, createCoalescer } from '../shared/coalescer.ts';
import { CommitOutcomeUnknown } from '../shared/commit-outcome.ts';
import { type AcceptBatchOptions, acceptBatch, KeyInUse } from './accept-batch.ts';
import {
  type AcceptanceOutcome,
  AcceptanceOutcomeUnknown,
  AcceptanceUnavailable,
  type PaymentRequest,
} from './acceptance.ts';

export interface AcceptorOptions extends AcceptBatchOptions {
  readonly maxBatchSize: number;
  /** Requests that may wait for a batch; one more is refused at once. */
  readonly maxWaiting: number;
  /** How long a request may wait for a batch before it is refused, with nothing done. */
  readonly maxWaitMs?: number | undefined;
  readonly onBatch?: (batch: { readonly requestCount: number; readonly durationMs: number }) => void;
  /** Fires after payments were committed: workers can be woken. */
  readonly onCommitted?: () => void;
}

export interface Acceptor {
  /**
   * Accepts one payment, together with others that arrive at the same time.
   * @throws AcceptanceUnavailable when nothing was written; AcceptanceOutcomeUnknown when that cannot be said.
   */
  accept(request: PaymentRequest): Promise<AcceptanceOutcome>;
  waitingCount(): number;
  /** Resolves when every request that was taken in has its answer. */
  stop(): Promise<void>;
}

/**
 * Two batches under way: while one waits for its COMMIT, the next can be read and decided.
 */
const MAX_CONCURRENT_BATCHES = 2;
const MAX_TRIES = 4;

type BatchResult =
  | { readonly kind: 'outcome'; readonly outcome: AcceptanceOutcome }
  | { readonly kind: 'error'; readonly error: unknown };

export function createAcceptor(options: AcceptorOptions): Acceptor {
  const coalescer = createCoalescer<PaymentRequest, BatchResult>({
    maxBatchSize: options.maxBatchSize,
    maxWaiting: options.maxWaiting,
    maxWaitMs: options.maxWaitMs,
    maxConcurrentBatches: MAX_CONCURRENT_BATCHES,
    run: async (requests) => {
      const startedAt = performance.now();
      const results = await acceptTogetherOrApart(requests);
      options.onBatch?.({ requestCount: requests.length, durationMs: performance.now() - startedAt });
      if (results.some(isNewPayment)) options.onCommitted?.();
      return results;
    },
  });

  /** A batch that the database refuses for what is in it is tried again one by one: one request must not spoil its neighbours. */
  async function acceptTogetherOrApart(requests: readonly PaymentRequest[]): Promise<BatchResult[]> {
    try {
      const outcomes = await acceptWithRetries(requests);
      return outcomes.map((outcome) => ({ kind: 'outcome', outcome }));
    } catch (error) {
      if (error instanceof KeyInUse && requests.length === 1)
        return [{ kind: 'outcome', outcome: { kind: 'key_in_use' } }];
      const isAboutContent = toAcceptanceError(error) === error;
      if (requests.length === 1 || !isAboutContent) return requests.map(() => ({ kind: 'error', error }));
      const results: BatchResult[] = [];
      for (const request of requests) results.push(...(await acceptTogetherOrApart([request])));
      return results;
    }
  }

  async function acceptWithRetries(
    requests: readonly PaymentRequest[],
  ): Promise<readonly AcceptanceOutcome[]> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await acceptBatch(requests, options);
      } catch (error) {
        // Nothing was written, so trying again is safe: a deadlock's victim, or a pooled connection that had died.
        const { kind } = classifyDatabaseError(error);
        const isOfOneConnection = kind === 'connection' || kind === 'stale_session';
        const canTryAgain = kind === 'serialization' || (isOfOneConnection && tries === 1);
        if (error instanceof CommitOutcomeUnknown || !canTryAgain || tries >= MAX_TRIES) throw error;
      }
    }
  }

  return {
    async accept(request) {
      try {
        const result = await coalescer.submit(request);
        if (result.kind === 'outcome') return result.outcome;
        throw result.error;
      } catch (error) {
        throw toAcceptanceError(error);
      }
    },
    waitingCount: () => coalescer.waitingCount(),
    stop: () => coalescer.drain(),
  };
}

function isNewPayment(result: BatchResult): boolean {
  return result.kind === 'outcome' && result.outcome.kind === 'answered' && !result.outcome.isReplay;
}

/** What an error means to the client; an error that is not about the database's availability is given back as it is. */
function toAcceptanceError(error: unknown): unknown {
  if (error instanceof CoalescerFull || error instanceof CoalescerLate)
    return new AcceptanceUnavailable('overload', { cause: error });
  if (error instanceof CommitOutcomeUnknown)
    return new AcceptanceOutcomeUnknown(error.message, { cause: error });
  const { isUnavailable } = classifyDatabaseError(error);
  return isUnavailable ? new AcceptanceUnavailable('database', { cause: error }) : error;
}
