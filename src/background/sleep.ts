/** The longest that a timer of Node takes; one that is told more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SleepOptions {
  /** Ends the sleep early; nothing is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a process that has nothing else to do waits for the end of this sleep; it does unless told otherwise. */
  readonly keepsProcessAlive?: boolean | undefined;
}

/**
 * Waits, however long: `Infinity` until the signal fires. It never throws; whoever gave a signal looks at it afterwards.
 * A process that was stopped and continued meanwhile wakes at once, and once.
 */
export async function sleep(ms: number, options: SleepOptions = {}): Promise<void> {
  const { signal } = options;
  for (let leftMs = ms; leftMs > 0 && !signal?.aborted; leftMs -= LONGEST_TIMER_MS)
    await waitOneTimer(Math.min(leftMs, LONGEST_TIMER_MS), options);
}

function waitOneTimer(ms: number, { signal, keepsProcessAlive = true }: SleepOptions): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (!keepsProcessAlive) timer.unref();
    signal?.addEventListener('abort', end, { once: true });
  });
}
