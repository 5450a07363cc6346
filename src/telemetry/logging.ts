import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../process/settings/config.ts';
import { removeSecrets } from './remove-secrets.ts';
import { serializeError } from './serialize-error.ts';

export type { Logger };

/**
 * A logger of structured events: `log.info({ event: 'payment.settled', payment_id, duration_ms })`.
 * Fields that may carry a secret are removed at any depth.
 */
export function createLogger(
  { service }: Pick<Config, 'service'>,
  process_name: string,
  /** The logger of the command line, whose results go to stdout. */
  { isToStderr = false }: { readonly isToStderr?: boolean } = {},
): Logger {
  const options: LoggerOptions = {
    level: service.logLevel,
    base: { app: service.name, env: service.environment, process: process_name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: removeSecrets },
    serializers: { error: serializeError },
  };
  // Write synchronously. Otherwise sonic-boom 4 retries the remaining output forever at exit if the reader is gone, so a process whose
  // parent was killed would never end. This costs no more than writing in the background.
  return pino(options, pino.destination({ dest: isToStderr ? 2 : 1, sync: true }));
}
