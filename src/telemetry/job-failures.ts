import type { Logger } from './logging.ts';
import { Counter, type Registry } from './metrics.ts';

/** Makes what is told of each run of a background job that failed. */
export type JobFailures = (job: string) => (error: unknown) => void;

/**
 * Writes runs of background jobs that failed to the log and counts them, each under the name of its job. A job that was named here is
 * counted from nothing on, so that its first failure is an increase.
 */
export function createJobFailures({
  log,
  registry,
}: {
  readonly log: Logger;
  readonly registry: Registry;
}): JobFailures {
  const failures = new Counter({
    name: 'tollgate_job_failures_total',
    help: 'Failed runs of background jobs; each job goes on with its next run.',
    labelNames: ['job'],
    registers: [registry],
  });
  return (job) => {
    failures.inc({ job }, 0);
    return (error) => {
      failures.inc({ job });
      log.error({ event: 'job.failed', job, error });
    };
  };
}
