/** The order for a drain: settle what is waiting, and say how fast it went. */
export interface DrainOrder {
  readonly kind: 'drain';
  /** How many payments are waiting; the drain ends with the last one. */
  readonly waitingCount: number;
  /** Not counted: connections, prepared statements and the compiler warm up. */
  readonly warmupMs: number;
  readonly windowMs: number;
}

export interface DrainReport {
  /** All that was settled, including the warm-up and what was in progress at the end. */
  readonly settledCount: number;
  readonly perSecond: number;
}

/**
 * Counts settlements in a window that opens with the first one after the warm-up, and closes with the last one within
 * `windowMs` or with the last one of all. Both ends are settlements, so a batch is never cut in two.
 */
export function createDrainMeter({ waitingCount, warmupMs, windowMs }: DrainOrder) {
  const startedAt = performance.now();
  let settledCount = 0;
  let openedAt: number | undefined;
  let countedAt = startedAt;
  let windowCount = 0;
  let close: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  // A contender that stalls is reported, not waited for.
  const timer = setTimeout(close, warmupMs + windowMs + 1000);

  return {
    /** Resolves when the window has closed. */
    closed,
    count(settled: number): void {
      const now = performance.now();
      settledCount += settled;
      if (openedAt === undefined) {
        if (now - startedAt >= warmupMs) openedAt = now;
      } else if (now - openedAt <= windowMs) {
        windowCount += settled;
        countedAt = now;
      } else close();
      if (settledCount >= waitingCount) close();
    },
    /** @throws when nothing was settled within the window. */
    report(): DrainReport {
      clearTimeout(timer);
      if (openedAt === undefined || countedAt <= openedAt)
        throw new Error(`nothing was measured: ${settledCount} of ${waitingCount} settled`);
      return { settledCount, perSecond: windowCount / ((countedAt - openedAt) / 1000) };
    },
  };
}
