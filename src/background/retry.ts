import pRetry from 'p-retry';
import { type Backoff, backoffMs } from './backoff.ts';
import { sleep } from './sleep.ts';

export interface FailedTry {
  readonly error: Error;
  /** Which try it was, from 1. */
  readonly attempt: number;
  readonly retriesLeft: number;
}

export interface RetryOptions {
  readonly pauses: Backoff;
  /** How often it is tried again after the first time; for ever when it is not given. */
  readonly retries?: number;
  /** Whether trying again may help; it may when this is not given. */
  readonly mayHelp?: (failed: FailedTry) => boolean;
  /** Told of each try that failed, the last one too. */
  readonly onFailed?: (failed: FailedTry) => void;
  /** Ends the pauses and the trying. */
  readonly signal?: AbortSignal | undefined;
  readonly random?: () => number;
}

/**
 * Carries what a try threw past p-retry, which gives up at once for some kinds of error, and wraps what is no Error of its own realm.
 * Whether it may help to try again is for `mayHelp` alone.
 */
class Failure extends Error {
  override readonly cause: unknown;
  constructor(cause: unknown) {
    super('a try failed');
    this.cause = cause;
  }
}

/**
 * Calls until it does not throw, with the pauses of a backoff between two tries.
 * @throws what the last try threw, or the reason of the signal.
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
      // Its own pauses know one jitter and no source of chance but the real one.
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
