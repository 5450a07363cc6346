import { DEFAULT_PERCENT } from '../world/world-fees.ts';

/** Times are as short as the machine allows, so that a minute has many leases, backoffs and grace periods. */
export const LEASE_MS = 2000;
const GATEWAY_TIMEOUT_MS = 500;
/** Longer than the gateway's inquiries lag, it is stalled, and a call that it has may take, one after the other. */
const NOT_FOUND_GRACE_MS = 8000;
const INQUIRY_LAG_MS = 3000;

/** Between a gateway and an API that live for minutes, on one machine. */
export const CALLBACK_SECRET = 'a-secret-between-the-prover-and-its-gateway';

const seconds = (ms: number) => String(ms / 1000);

/** Shorter than a client waits who comes too late with it, and long enough to be taken while processes die. */
export const QUOTE_VALID_MS = 12_000;

/** The settings of an API or a worker under test. */
export function settingsOf({
  databaseUrl,
  gatewayUrl,
  ratesFile,
}: {
  readonly databaseUrl: string;
  readonly gatewayUrl: string;
  readonly ratesFile: string;
}): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '6',
    DATABASE_STATEMENT_TIMEOUT_SECONDS: '4',
    DATABASE_LOCK_TIMEOUT_SECONDS: '2',
    DATABASE_CONNECT_TIMEOUT_SECONDS: '2',
    API_PORT: '0',
    API_REQUEST_TIMEOUT_SECONDS: '5',
    PAYMENT_GATEWAY_URL: gatewayUrl,
    GATEWAY_TIMEOUT_SECONDS: seconds(GATEWAY_TIMEOUT_MS),
    // Few, so that many payments leave the queue with their outcome unknown.
    GATEWAY_MAX_ATTEMPTS: '2',
    GATEWAY_BREAKER_PROBE_SECONDS: '0.2',
    GATEWAY_BREAKER_PROBE_MAX_SECONDS: '1',
    GATEWAY_CALLBACK_SECRET: CALLBACK_SECRET,
    GATEWAY_BACKOFF_BASE_SECONDS: '0.1',
    GATEWAY_BACKOFF_MAX_SECONDS: '1',
    GATEWAY_BACKOFF_JITTER_SECONDS: '0.2',
    GATEWAY_NOT_FOUND_GRACE_SECONDS: seconds(NOT_FOUND_GRACE_MS),
    TRANSACTION_FEE: DEFAULT_PERCENT,
    RATES_SOURCE: 'file',
    RATES_FILE: ratesFile,
    RATES_CALENDAR: 'every_day',
    QUOTE_VALID_SECONDS: seconds(QUOTE_VALID_MS),
    QUOTE_MAX_OPEN: '20',
    WORKER_METRICS_PORT: '0',
    WORKER_POLL_INTERVAL_SECONDS: '0.1',
    WORKER_PROCESSING_TIMEOUT_SECONDS: seconds(LEASE_MS),
    WORKER_CONCURRENCY: '24',
    WORKER_BATCH_SIZE: '50',
    WORKER_MAX_RESCUES: '2',
  };
}

/** A gateway that executes and hides it, refuses, says things that are not so or mean nothing, and lags behind itself. */
export const LYING_GATEWAY = {
  timeout_rate: 0.1,
  error_rate: 0.15,
  refusal_rate: 0.04,
  vague_rate: 0.05,
  misreport_rate: 0.02,
  executed_fault_rate: 0.5,
  latency_median_ms: 15,
  latency_p99_ms: 150,
  timeout_hold_ms: 3000,
  inquiry_error_rate: 0.1,
  inquiry_lag_ms: INQUIRY_LAG_MS,
  is_down: false,
  turned_away: null,
} as const;

export const HONEST_GATEWAY = {
  ...LYING_GATEWAY,
  timeout_rate: 0,
  error_rate: 0,
  refusal_rate: 0,
  vague_rate: 0,
  misreport_rate: 0,
  inquiry_error_rate: 0,
  inquiry_lag_ms: 0,
} as const;
