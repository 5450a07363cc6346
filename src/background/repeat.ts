import type { Jitter } from './backoff.ts';
import { sleep } from './sleep.ts';

/** When the next run begins: after the usual pause, at once, or after a pause of its own. */
export type NextRun = undefined | 'goes_on' | { readonly inMs: number };

export interface RepeatOptions {
  /** One run. The signal fires when the loop is stopped, which waits for the run: one that takes long should end then. */
  readonly run: (signal: AbortSignal) => Promise<NextRun> | Promise<void>;
  /** From the end of a run to the beginning of the next; `Infinity` waits to be woken. */
  readonly pauseMs: number;
  /** Keeps processes that were started together from running together. */
  readonly jitter?: Jitter;
  readonly firstRun: 'at_once' | 'after_a_pause';
  /** A run begins no sooner than this after the end of the one before, whoever wakes it. */
  readonly restMs?: number;
  /** Told of each run that failed. The next one comes after the usual pause. */
  readonly onError: (error: unknown) => void;
  /** Stops the loop, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Whether a process that has nothing else to do goes on for this loop; it does unless told otherwise. */
  readonly keepsProcessAlive?: boolean;
  readonly random?: () => number;
}

export interface Repeated {
  /** Begins the next run now instead of after the pause; while one is under way, right after it. No call is lost. */
  wake(): void;
  /** Begins no run any more, and waits for the one that is under way. It must not be waited for inside a run. */
  stop(): Promise<void>;
  /** Resolves when the loop has stopped. */
  readonly ended: Promise<void>;
}

/**
 * Runs something again and again. Runs never overlap, and none that fails ends the loop. A process that was stopped and
 * continued runs once, and does not make up for what it missed.
 */
export function repeat(options: RepeatOptions): Repeated {
  const { pauseMs, jitter, restMs = 0, onError, keepsProcessAlive, random = Math.random } = options;
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([stopping.signal, options.signal]) : stopping.signal;
  let isWoken = false;
  let endPause = () => {};

  async function pauseUnlessWoken(ms: number): Promise<void> {
    const pausing = new AbortController();
    endPause = () => pausing.abort();
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
      // Whoever cannot even be told must not end the loop.
    }
  }

  async function loop(): Promise<void> {
    let waitMs = options.firstRun === 'at_once' ? 0 : usualPauseMs();
    for (let owedRestMs = 0; ; owedRestMs = restMs) {
      await sleep(owedRestMs, { signal, keepsProcessAlive });
      if (waitMs > owedRestMs) await pauseUnlessWoken(waitMs - owedRestMs);
      // Runs that follow each other at once, and wait for nothing themselves, leave the process time for everything else.
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
