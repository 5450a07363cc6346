/** Node's longest timer; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SleepOptions {
  /** Ends the sleep early; nothing is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Whether this sleep keeps the process alive; by default it does. */
  readonly keepsProcessAlive?: boolean | undefined;
}

/**
 * Waits for any length of time; `Infinity` waits until the signal fires. It never throws: a caller that passes a signal must check it
 * afterwards. If the process is suspended and resumed in the meantime, it wakes at once, and only once.
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
