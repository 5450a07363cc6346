import pRetry from 'p-retry';
import { type Backoff, backoffMs } from './backoff.ts';
import { sleep } from './sleep.ts';

export interface FailedTry {
  readonly error: Error;
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  readonly retriesLeft: number;
}

export interface RetryOptions {
  readonly pauses: Backoff;
  /** How often to retry after the first attempt; by default without limit. */
  readonly retries?: number;
  /** No attempt but the first begins later than this; by default there is no limit. */
  readonly forMs?: number;
  /** Whether a retry may help; by default it may. */
  readonly mayHelp?: (failed: FailedTry) => boolean;
  /** Called for each failed attempt, including the last. */
  readonly onFailed?: (failed: FailedTry) => void;
  /** Ends the pauses and the retries. */
  readonly signal?: AbortSignal | undefined;
  readonly random?: () => number;
}

/**
 * Carries an attempt's error past p-retry, which gives up at once for some kinds of error and wraps errors of other realms. Only `mayHelp`
 * decides whether to retry.
 */
class Failure extends Error {
  override readonly cause: unknown;
  constructor(cause: unknown) {
    super('an attempt failed');
    this.cause = cause;
  }
}

/**
 * Calls a function until it does not throw, with backoff between attempts.
 * @throws the error of the last attempt, or the reason of the signal.
 */
export async function retry<Result>(call: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { pauses, mayHelp = () => true, onFailed = () => {}, signal, random = Math.random } = options;
  const tryOnce = async () => {
    try {
      return await call();
    } catch (error) {
      throw new Failure(error);
    }
  };
  try {
    return await pRetry(tryOnce, {
      retries: options.retries ?? Number.POSITIVE_INFINITY,
      maxRetryTime: options.forMs ?? Number.POSITIVE_INFINITY,
      // p-retry's own pauses support only one kind of jitter and no injected randomness.
      minTimeout: 0,
      ...(signal && { signal }),
      onFailedAttempt: (context) => onFailed(failedTryOf(context)),
      async shouldRetry(context) {
        if (!mayHelp(failedTryOf(context))) return false;
        await sleep(backoffMs(context.attemptNumber, pauses, random()), { signal });
        return true;
      },
    });
  } catch (error) {
    throw error instanceof Failure ? error.cause : error;
  }
}

function failedTryOf(context: {
  readonly error: Error;
  readonly attemptNumber: number;
  readonly retriesLeft: number;
}): FailedTry {
  const { error, attemptNumber: attempt, retriesLeft } = context;
  return { error: error.cause as Error, attempt, retriesLeft };
}
