/**
 * Runs `sweep` again and again with a pause between two runs; runs never overlap.
 * @param sweep says `goes_on` when there is more to do; the next run then begins at once.
 */
export function startSweeper({
  pauseMs,
  sweep,
  onError,
}: {
  readonly pauseMs: number;
  readonly sweep: () => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  // Jitter keeps workers that were started together from sweeping together.
  const pause = () => pauseMs * (0.75 + Math.random() / 2);

  function schedule(afterMs: number): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = sweep()
        .catch(onError)
        .then((result) => schedule(result === 'goes_on' ? 0 : pause()));
    }, afterMs);
  }

  schedule(pause());
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
