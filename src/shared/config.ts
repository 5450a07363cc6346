import { z } from 'zod';
import { addressList, NO_ADDRESSES } from './address-list.ts';
import { hostList } from './allowed-hosts.ts';
import { parseAnswerMapping } from './answer-mapping.ts';
import { explainUnusableCurrency } from './currency.ts';
import { findAddressProblem } from './database-address.ts';
import { gatewayHeaders, HEADER_VALUE } from './gateway-headers.ts';
import { parseFailpoints } from './parse-failpoints.ts';
import { parsePercent } from './percent.ts';
import { bounded, count, flag, httpUrl, port, rate, seconds } from './setting-kinds.ts';

/** How long rows are kept, written in days and read in milliseconds; 0 is for ever. */
const keptDays = (fallbackDays: number) =>
  bounded(0, 36_500, 'a number of days')
    .transform((days) => Math.round(days * 86_400_000))
    .default(fallbackDays * 86_400_000);

const databaseAddress = z.string().superRefine((address, context) => {
  const problem = findAddressProblem(address);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

const environmentSchema = z.object({
  APP_NAME: z.string().min(1).default('tollgate'),
  APP_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  FAILPOINTS: z
    .string()
    .default('')
    .transform((value, context) => {
      const parsed = parseFailpoints(value);
      if ('armed' in parsed) return parsed.armed;
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    }),

  DATABASE_URL: databaseAddress.optional(),
  MIGRATION_DATABASE_URL: databaseAddress.optional(),
  DATABASE_POOL_SIZE: count(1, 200).default(8),
  DATABASE_STATEMENT_TIMEOUT_SECONDS: seconds(0.1, 600).default(10_000),
  DATABASE_LIST_TIMEOUT_SECONDS: seconds(0.1, 600).default(2000),
  DATABASE_LOCK_TIMEOUT_SECONDS: seconds(0.01, 600).default(3000),
  DATABASE_CONNECT_TIMEOUT_SECONDS: seconds(0.1, 60).default(3000),

  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: port.default(8000),
  API_ALLOWED_HOSTS: hostList.default([]),
  OPERATOR_HOST: z.string().min(1).default('127.0.0.1'),
  OPERATOR_PORT: port.optional(),
  METRICS_MAX_AGE_SECONDS: seconds(0, 60).default(1000),
  API_BODY_LIMIT_BYTES: count(1024, 10_485_760).default(65_536),
  API_MAX_BATCH_SIZE: count(1, 1000).default(256),
  API_MAX_WAITING_REQUESTS: count(1, 1_000_000).default(10_000),
  API_MAX_WAIT_SECONDS: seconds(0.05, 120).default(5000),
  API_MAX_CONNECTIONS: count(1, 1_000_000).default(10_000),
  API_MAX_CONNECTIONS_PER_ADDRESS: count(1, 1_000_000).default(2500),
  API_PROXIES: addressList.default(() => NO_ADDRESSES),
  API_MAX_CONCURRENT_REQUESTS: count(1, 1_000_000).default(10_000),
  API_SHED_EVENT_LOOP_DELAY_SECONDS: seconds(0.01, 60).default(1000),
  API_SHED_MEMORY_SHARE: bounded(0.001, 1, 'a share').default(0.85),
  API_REQUEST_TIMEOUT_SECONDS: seconds(0.1, 120).default(10_000),
  OPERATOR_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/, 'must be 16 to 256 visible ASCII characters without spaces')
    .optional(),
  DEFAULT_CURRENCY: z
    .string()
    .superRefine((code, context) => {
      const problem = /^[A-Z]{3}$/.test(code)
        ? explainUnusableCurrency(code)
        : 'must be three capital letters, for example USD';
      if (problem) context.addIssue({ code: 'custom', message: problem });
    })
    .default('USD'),
  TRANSACTION_FEE: z
    .string()
    .default('2')
    .transform((value, context) => {
      const percent = parsePercent(value);
      if (percent === undefined) {
        context.addIssue({
          code: 'custom',
          message: 'must be a percentage from 0 to below 100, for example 2 or 1.75',
        });
        return z.NEVER;
      }
      return percent;
    }),
  IDEMPOTENCY_KEY_REQUIRED: flag.default(false),
  IDEMPOTENCY_RESPONSE_TTL_DAYS: bounded(0.000_001, 3650, 'a number of days')
    .transform((days) => Math.round(days * 86_400_000))
    .default(7 * 86_400_000),

  GATEWAY_MOCK_HOST: z.string().min(1).default('127.0.0.1'),
  GATEWAY_MOCK_PORT: port.default(8001),
  GATEWAY_MOCK_SEED: z.string().min(1).optional(),
  GATEWAY_MOCK_TIMEOUT_RATE: rate.default(0.1),
  GATEWAY_MOCK_ERROR_RATE: rate.default(0.25),
  GATEWAY_MOCK_REFUSAL_RATE: rate.default(0),
  GATEWAY_MOCK_EXECUTED_FAULT_RATE: rate.default(0.5),
  GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: seconds(0, 60).default(20),
  GATEWAY_MOCK_LATENCY_P99_SECONDS: seconds(0, 60).default(200),
  GATEWAY_MOCK_INQUIRY_LAG_SECONDS: seconds(0, 60).default(1000),
  GATEWAY_MOCK_BOOK_FILE: z.string().min(1).optional(),
  GATEWAY_MOCK_CALLBACK_URL: httpUrl.optional(),
  GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: seconds(0, 60).default(500),
  GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE: rate.default(0.05),
  GATEWAY_MOCK_CALLBACK_REORDER_RATE: rate.default(0.05),

  PAYMENT_GATEWAY_URL: httpUrl.default('http://localhost:8001/mock-gateway'),
  GATEWAY_TIMEOUT_SECONDS: seconds(0.01, 300).default(1000),
  GATEWAY_MAX_ATTEMPTS: count(1, 100).default(3),
  GATEWAY_BACKOFF_BASE_SECONDS: seconds(0, 3600).default(1000),
  GATEWAY_BACKOFF_MAX_SECONDS: seconds(0, 86_400).default(30_000),
  GATEWAY_BACKOFF_JITTER_SECONDS: seconds(0, 3600).default(500),
  GATEWAY_NOT_FOUND_GRACE_SECONDS: seconds(0, 86_400).default(900_000),
  GATEWAY_MAX_CALLS_PER_SECOND: bounded(0, 100_000, 'a number').default(0),
  GATEWAY_BREAKER_FAILURE_RATE: bounded(0.01, 1, 'a share').default(0.9),
  GATEWAY_BREAKER_MIN_CALLS: count(0, 10_000).default(10),
  GATEWAY_BREAKER_WINDOW_CALLS: count(1, 10_000).default(50),
  GATEWAY_BREAKER_PROBE_SECONDS: seconds(0.01, 3600).default(1000),
  GATEWAY_BREAKER_PROBE_MAX_SECONDS: seconds(0.01, 3600).default(30_000),
  GATEWAY_CALLBACK_SECRET: z
    .string()
    .transform((value) => value.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.length <= 2 && secrets.every((secret) => secret.length >= 16),
      'must be one secret of at least 16 characters, or two with a comma between them while they are changed',
    )
    .optional(),
  GATEWAY_ANSWER_MAPPING: z
    .string()
    .default('{}')
    .transform((value, context) => {
      const parsed = parseAnswerMapping(value);
      if ('mapping' in parsed) return parsed.mapping;
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    }),
  GATEWAY_BOOK_URL: httpUrl.optional(),
  GATEWAY_AUTHORIZATION: z
    .string()
    .regex(HEADER_VALUE, 'must be the value of a header, in visible ASCII characters')
    .optional(),
  GATEWAY_HEADERS: gatewayHeaders.default(() => ({})),
  GATEWAY_CLIENT_CERT_FILE: z.string().min(1).optional(),
  GATEWAY_CLIENT_KEY_FILE: z.string().min(1).optional(),
  GATEWAY_CLIENT_KEY_PASSPHRASE: z.string().min(1).optional(),
  GATEWAY_CA_FILE: z.string().min(1).optional(),
  GATEWAY_ALLOW_HTTP: flag.default(false),
  RECONCILIATION_GRACE_SECONDS: seconds(0, 86_400).default(60_000),
  RECONCILIATION_TIMEOUT_SECONDS: seconds(1, 86_400).default(3_600_000),
  RECONCILIATION_MAX_LINES: count(1, 1_000_000_000).default(50_000_000),
  RECONCILIATION_HORIZON_HOURS: bounded(0.000_1, 87_600, 'a number of hours')
    .transform((hours) => Math.round(hours * 3_600_000))
    .default(72 * 3_600_000),

  RETENTION_ATTEMPTS_DAYS: keptDays(400),
  RETENTION_INQUIRY_ANSWERS_DAYS: keptDays(400),
  RETENTION_CALLBACKS_DAYS: keptDays(400),
  RETENTION_REPORTS_DAYS: keptDays(400),
  RETENTION_EXCEPTIONS_DAYS: keptDays(2557),
  RETENTION_BULK_REDRIVES_DAYS: keptDays(400),
  RETENTION_CLAIM_PAUSES_DAYS: keptDays(400),
  RETENTION_VIOLATIONS_DAYS: keptDays(2557),

  WORKER_METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  WORKER_METRICS_PORT: port.default(8002),
  WORKER_POLL_INTERVAL_SECONDS: seconds(0.01, 3600).default(500),
  WORKER_PROCESSING_TIMEOUT_SECONDS: seconds(0.5, 3600).default(30_000),
  WORKER_CONCURRENCY: count(1, 10_000).default(64),
  WORKER_BATCH_SIZE: count(1, 1000).default(200),
  WORKER_MAX_RESCUES: count(1, 1000).default(5),
  WORKER_SHUTDOWN_TIMEOUT_SECONDS: seconds(0, 600).default(10_000),
  WORKER_SAMPLE_INTERVAL_SECONDS: seconds(0.1, 3600).default(5000),

  INTEGRITY_RUN_SECONDS: seconds(0.1, 600).default(10_000),
  INTEGRITY_STEP_ROWS: count(10, 1_000_000).default(10_000),
  INTEGRITY_REVIEW_ROWS: count(10, 100_000_000).default(100_000),
  INTEGRITY_STALE_SECONDS: seconds(1, 86_400).default(300_000),
  INTEGRITY_POLL_SECONDS: seconds(0.05, 60).default(2000),
});

const settingsSchema = environmentSchema
  .refine(({ APP_ENV, FAILPOINTS }) => APP_ENV !== 'production' || FAILPOINTS.length === 0, {
    path: ['FAILPOINTS'],
    message: 'must be empty when APP_ENV is production: failpoints crash the process',
  })
  .refine(({ API_PORT, OPERATOR_PORT }) => API_PORT === 0 || API_PORT !== OPERATOR_PORT, {
    path: ['OPERATOR_PORT'],
    message: 'must differ from API_PORT: it is a listener of its own',
  });

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(environmentSchema.shape);

/** Every setting, checked and in the units its name gives: durations that are written in seconds arrive in milliseconds. */
export type Config = z.infer<typeof environmentSchema>;

/** The settings do not fit; the message names each one and what it should have been. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Blanks, invisible characters and line breaks, where nobody sees that they are part of a value. */
const BLANK_AT_AN_END = /^[\s\p{Cf}]|[\s\p{Cf}]$/u;
const CONTROL = /\p{Cc}/u;

/**
 * Checks settings given as text.
 * An empty value counts as not set, so that `DATABASE_URL=` in a file means "use the default". A blank is not empty: it is refused.
 * @param placeOf says where a setting was given, for example ` (line 3 of .env)`.
 * @throws ConfigError naming every setting that does not fit.
 */
export function parseConfig(
  environment: Record<string, string | undefined>,
  placeOf: (name: string) => string = () => '',
): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => SETTING_NAMES.includes(name) && value !== undefined && value !== '',
    ),
  );
  const problems = Object.entries(given).flatMap(([name, value = '']) => {
    const problem = findInvisible(value);
    return problem ? [{ name, problem }] : [];
  });
  const result = settingsSchema.safeParse(given);
  if (result.success && problems.length === 0) return result.data;
  // One sentence for each: a blank at an end is also no number.
  for (const { path, message } of result.error?.issues ?? []) {
    const name = path.join('.');
    if (!problems.some((known) => known.name === name)) problems.push({ name, problem: message });
  }
  // Never the value itself: DATABASE_URL holds a password.
  const sentences = problems.map(({ name, problem }) => `${name}${placeOf(name)}: ${problem}`);
  throw new ConfigError(`Settings do not fit: ${sentences.join('; ')}`);
}

function findInvisible(value: string): string | undefined {
  if (value.trim() === '') return 'is blank; leave it empty to use the default';
  if (BLANK_AT_AN_END.test(value))
    return 'must not begin or end with a blank, a line break or an invisible character';
  if (CONTROL.test(value)) return 'must not hold a line break or another control character';
  return undefined;
}

/**
 * The database address, for a process that cannot go on without one.
 * @throws ConfigError when it is not set.
 */
export function requireDatabaseUrl(config: Config): string {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  throw new ConfigError(
    'DATABASE_URL is not set. Set it, or run everything on an embedded Postgres with: npm start',
  );
}

/**
 * Checks what an API must not start without. Other processes have no use for the token, and should not be given it.
 * A proxy on the same machine cannot be told from a person there, so in production nobody is trusted for where they are.
 * @throws ConfigError when the token is missing.
 */
export function requireOperatorToken({ APP_ENV, OPERATOR_TOKEN }: Config): void {
  if (APP_ENV !== 'production' || OPERATOR_TOKEN !== undefined) return;
  throw new ConfigError(
    'OPERATOR_TOKEN must be set when APP_ENV is production, also on 127.0.0.1: behind a proxy on this machine everybody would be an operator. Make one, for example, with: openssl rand -hex 24',
  );
}
