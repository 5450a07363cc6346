import { Logger as GraphileLogger } from 'graphile-worker';
import type { Logger } from '../telemetry/logging.ts';

/** Passes graphile-worker's log on as events of ours; its everyday messages only at debug. */
export function createGraphileLogger(log: Logger): GraphileLogger {
  return new GraphileLogger((scope) => (level, message) => {
    const entry = { event: 'worker.crontab', message, task: scope.taskIdentifier };
    if (level === 'error') log.error(entry);
    else if (level === 'warning') log.warn(entry);
    else log.debug(entry);
  });
}
