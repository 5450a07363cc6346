import type { Logger } from './logging.ts';
import { Counter, type Registry } from './metrics.ts';

/** Creates the handler for failed runs of a background job. */
export type JobFailures = (job: string) => (error: unknown) => void;

/**
 * Logs and counts failed runs of background jobs, under the job's name. A job that is named here starts at 0, so that its first failure
 * shows as an increase.
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
