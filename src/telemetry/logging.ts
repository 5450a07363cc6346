import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../process/settings/config.ts';
import { maskCredentials } from './mask-credentials.ts';

export type { Logger };

/** The paths of settings that hold a secret, in case somebody logs all settings. */
const SECRET_SETTINGS = [
  'database.url',
  'database.migrationUrl',
  'operators.token',
  'gateway.url',
  'gateway.bookUrl',
  'gateway.authorization',
  'gateway.headers',
  'gateway.callbackSecrets',
  'gateway.clientKeyPassphrase',
  'gatewayMock.callbackUrl',
  'conversions.ratesUrl',
  'conversions.ratesAuthorization',
];

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
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: serializeError },
    redact: {
      paths: [
        '*.authorization',
        '*.password',
        '*.token',
        '*.secret',
        'headers.authorization',
        'headers.cookie',
        ...SECRET_SETTINGS.flatMap((place) => [place, `*.${place}`]),
      ],
      remove: true,
    },
  };
  // Write synchronously. Otherwise sonic-boom 4 retries the remaining output forever at exit if the reader is gone, so a process whose
  // parent was killed would never end. This costs no more than writing in the background.
  return pino(options, pino.destination({ dest: isToStderr ? 2 : 1, sync: true }));
}

/**
 * What a log may contain of an error: name, code, message and stack, never the whole object. An axios error carries the request with its
 * headers, and a pg error the row that it failed on.
 */
export function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, stack } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    message: maskCredentials(error.message),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack: maskCredentials(stack) }),
  };
}
