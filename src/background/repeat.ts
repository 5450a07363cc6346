import type { Jitter } from './backoff.ts';
import { sleep } from './sleep.ts';

/** When the next run begins: after the usual pause, at once, or after a given pause. */
export type NextRun = undefined | 'goes_on' | { readonly inMs: number };

export interface RepeatOptions {
  /** One run. Stopping the loop fires the signal and waits for the run, so a long run should end then. */
  readonly run: (signal: AbortSignal) => Promise<NextRun> | Promise<void>;
  /** The time from the end of a run to the beginning of the next; `Infinity` waits for a wake-up. */
  readonly pauseMs: number;
  /** Keeps processes that were started together from running in step. */
  readonly jitter?: Jitter;
  readonly firstRun: 'at_once' | 'after_a_pause';
  /** The shortest time from the end of a run to the beginning of the next, even after a wake-up. */
  readonly restMs?: number;
  /** Called for each failed run. The next run comes after the usual pause. */
  readonly onError: (error: unknown) => void;
  /** Stops the loop, like `stop`. */
  readonly signal?: AbortSignal;
  /** Whether this loop keeps the process alive; by default it does. */
  readonly keepsProcessAlive?: boolean;
  readonly random?: () => number;
}

/** Without a reason of its own, each `abort` makes an error with its stack, and a busy process is woken with every batch. */
const WOKEN = 'woken';

export interface Repeated {
  /** Begins the next run now instead of after the pause, or right after the run in progress. No call is lost. */
  wake(): void;
  /** Starts no more runs, and waits for the one in progress. Never await this inside a run. */
  stop(): Promise<void>;
  /** Resolves when the loop has stopped. */
  readonly ended: Promise<void>;
}

/**
 * Runs something repeatedly. Runs never overlap, and a failed run does not end the loop. A process that was suspended and resumed runs
 * once, and does not make up for missed runs.
 */
export function repeat(options: RepeatOptions): Repeated {
  const { pauseMs, jitter, restMs = 0, onError, keepsProcessAlive, random = Math.random } = options;
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([stopping.signal, options.signal]) : stopping.signal;
  let isWoken = false;
  let endPause = () => {};

  async function pauseUnlessWoken(ms: number): Promise<void> {
    const pausing = new AbortController();
    endPause = () => pausing.abort(WOKEN);
    signal.addEventListener('abort', endPause, { once: true });
    if (!isWoken && !signal.aborted) await sleep(ms, { signal: pausing.signal, keepsProcessAlive });
    signal.removeEventListener('abort', endPause);
  }

  function usualPauseMs(): number {
    return jitter ? jitter(pauseMs, random()) : pauseMs;
  }

  /** @returns how long to wait before the next run. */
  async function runOnce(): Promise<number> {
    try {
      const next = await options.run(signal);
      if (next === 'goes_on') return 0;
      return next ? next.inMs : usualPauseMs();
    } catch (error) {
      tell(error);
      return usualPauseMs();
    }
  }

  function tell(error: unknown): void {
    try {
      onError(error);
    } catch {
      // An error handler that throws must not end the loop.
    }
  }

  async function loop(): Promise<void> {
    let waitMs = options.firstRun === 'at_once' ? 0 : usualPauseMs();
    for (let owedRestMs = 0; ; owedRestMs = restMs) {
      await sleep(owedRestMs, { signal, keepsProcessAlive });
      if (waitMs > owedRestMs) await pauseUnlessWoken(waitMs - owedRestMs);
      // Yield between runs that follow each other at once and await nothing themselves, so that the process can do everything else.
      else await new Promise(setImmediate);
      if (signal.aborted) return;
      isWoken = false;
      waitMs = await runOnce();
    }
  }

  const ended = loop();
  return {
    wake() {
      isWoken = true;
      endPause();
    },
    async stop() {
      stopping.abort();
      await ended;
    },
    ended,
  };
}
