import { sleep } from './sleep.ts';

/** The clock of a pace; tests supply their own. */
export interface PaceClock {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

function createRealClock(signal?: AbortSignal): PaceClock {
  return {
    now: () => performance.now(),
    wait: (ms) => sleep(ms, { signal }),
  };
}

/**
 * Lets callers through one at a time at even intervals: the first at once, each other one a gap after the previous one. It makes up for
 * late timers, as long as two callers stay at least half a gap apart, but not for slow callers.
 */
export function createPace({
  perSecond,
  signal,
  clock = createRealClock(signal),
}: {
  readonly perSecond: number;
  /** Ends the wait; nothing is thrown. */
  readonly signal?: AbortSignal;
  readonly clock?: PaceClock | undefined;
}): () => Promise<void> {
  const gapMs = 1000 / perSecond;
  let nextMs = clock.now();
  return async () => {
    const waitMs = nextMs - clock.now();
    if (waitMs > 0) await clock.wait(waitMs);
    nextMs = Math.max(nextMs, clock.now() - gapMs / 2) + gapMs;
  };
}
