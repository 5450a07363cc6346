import type { Logger } from '../telemetry/logging.ts';

/** Stops one part of a process. The parts are awaited one after another. */
export type Stop = () => Promise<void>;

/**
 * Runs `stop` once when the process is asked to end (by SIGINT, SIGTERM, or, if it was started with an IPC channel, the loss of its
 * parent), then exits with 0. A second signal, or a stop that takes longer than `deadlineMs`, exits with 1.
 */
export function stopOnSignal(log: Logger, stop: Stop, deadlineMs: number): void {
  let stopping = false;
  const begin = (cause: string) => {
    if (stopping) {
      if (cause !== 'parent-gone') process.exit(1);
      return;
    }
    stopping = true;
    log.info({ event: 'process.stopping', cause });
    setTimeout(() => {
      log.error({ event: 'process.stop_timed_out', deadline_ms: deadlineMs });
      process.exit(1);
    }, deadlineMs).unref();
    stop().then(
      () => {
        log.info({ event: 'process.stopped' });
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ event: 'process.stop_failed', error });
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('disconnect', () => begin('parent-gone'));
}

/** Errors whose message is a sentence for a person who can act on it. */
const FOR_PEOPLE = new Set(['ConfigError', 'StartError', 'WrongDatabase']);

/**
 * Runs a process's `main`. An error that it throws ends the process with one clear sentence and status 1. Errors that a person can act on
 * (settings, a port in use, no database) are printed without a stack trace.
 */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const isForPeople = FOR_PEOPLE.has(name);
    process.stderr.write(`${isForPeople ? message : (stack ?? message)}\n`);
    process.exit(1);
  });
}

/** A process cannot start, for a reason that a person can correct; the message is one sentence for that person. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
