import { sleep } from './sleep.ts';

/** The clock that a pace goes by; a test gives one of its own. */
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
 * Lets one through at a time, evenly: the first at once, each of the others a gap after the one before. A timer that is late is made up
 * for, as far as two that follow one another stay half a gap apart; what took long is not.
 */
export function createPace({
  perSecond,
  signal,
  clock = createRealClock(signal),
}: {
  readonly perSecond: number;
  /** Ends what is waited for; nothing is thrown. */
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
