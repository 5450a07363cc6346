/** Something that runs until it is stopped. */
export interface Stoppable {
  /** Resolves when none of its work is in progress any more. */
  stop(): Promise<void>;
}

/** Background work of a process, for as long as the process lives. */
export interface Job {
  /** The job's name in logs and metrics, in snake_case. */
  readonly name: string;
  /** Starts it; resolves once it is running. */
  start(): Stoppable | Promise<Stoppable>;
}

/**
 * Starts jobs, one after another. If one cannot be started, stops those that were.
 * @returns all of them as one job. Stopping it stops all at the same time; none waits for another or fails because of another.
 * @throws the error of the job that could not be started.
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
