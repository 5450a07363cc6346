/** What goes on until it is stopped. */
export interface Stoppable {
  /** Resolves when nothing of it is under way any more. */
  stop(): Promise<void>;
}

/** Something that a process does beside the rest, for as long as it lives. */
export interface Job {
  /** In snake_case: it names the job in logs and metrics. */
  readonly name: string;
  /** Begins it; resolves when it goes on by itself. */
  start(): Stoppable | Promise<Stoppable>;
}

/**
 * Starts jobs, one after another. When one cannot be started, those before it are stopped.
 * @returns all of them as one, which are stopped together: none has to wait for another, or fails because of it.
 * @throws what the job that could not be started threw.
 */
export async function startJobs(
  jobs: readonly Job[],
  { onStopFailed }: { readonly onStopFailed: (job: string, error: unknown) => void },
): Promise<Stoppable> {
  const started: { readonly name: string; readonly running: Stoppable }[] = [];
  async function stop(): Promise<void> {
    await Promise.all(
      started.map(({ name, running }) => running.stop().catch((error: unknown) => onStopFailed(name, error))),
    );
  }
  for (const { name, start } of jobs) {
    try {
      started.push({ name, running: await start() });
    } catch (error) {
      await stop();
      throw error;
    }
  }
  return { stop };
}
