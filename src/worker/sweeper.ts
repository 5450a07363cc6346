/** Runs `sweep` again and again with a pause between two runs; runs never overlap. */
export function startSweeper({
  pauseMs,
  sweep,
  onError,
}: {
  readonly pauseMs: number;
  readonly sweep: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  function schedule(): void {
    if (isStopped) return;
    // Jitter keeps workers that were started together from sweeping together.
    timer = setTimeout(
      () => {
        running = sweep().catch(onError).finally(schedule);
      },
      pauseMs * (0.75 + Math.random() / 2),
    );
  }

  schedule();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
