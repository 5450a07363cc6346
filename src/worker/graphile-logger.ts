import { Logger as GraphileLogger } from 'graphile-worker';
import type { Logger } from '../telemetry/logging.ts';

/** Turns graphile-worker's log into our own events, with its everyday messages at debug level. */
export function createGraphileLogger(log: Logger): GraphileLogger {
  return new GraphileLogger((scope) => (level, message) => {
    const entry = { event: 'worker.crontab', message, task: scope.taskIdentifier };
    if (level === 'error') log.error(entry);
    else if (level === 'warning') log.warn(entry);
    else log.debug(entry);
  });
}
