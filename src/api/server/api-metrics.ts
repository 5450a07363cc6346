import { createConversionMetrics } from '../../conversions/conversion-metrics.ts';
import type { RunningHttpServer } from '../../http/http-server.ts';
import { createOrderHoldMetrics } from '../../order-holds/order-hold-metrics.ts';
import type {
  AcceptanceDecision,
  AcceptanceOutcome,
  AcceptanceResult,
} from '../../payments/accept/acceptance.ts';
import { createOutcomeMetrics } from '../../payments/conclude/outcome-metrics.ts';
import { PAYMENT_TYPES } from '../../payments/kinds/payment-kinds.ts';
import {
  BATCH_SIZE_BUCKETS,
  Counter,
  Gauge,
  Histogram,
  LATENCY_BUCKETS_SECONDS,
  type Registry,
  startAtZero,
} from '../../telemetry/metrics.ts';
import { createTransferMetrics } from '../../wallets/transfer-metrics.ts';
import type { SheddingReason } from '../load/decide-shedding.ts';

type RefusalReason =
  | Exclude<AcceptanceDecision['kind'], 'accepted'>
  | Exclude<AcceptanceResult['kind'], 'answered'>
  | Exclude<AcceptanceOutcome['kind'], 'decided' | 'replayed'>;

/** A record, so that the compiler finds a missing one: a counter that does not start at 0 hides its first increase. */
const IS_REFUSAL: Readonly<Record<RefusalReason, true>> = {
  insufficient_funds: true,
  wallet_frozen: true,
  wallet_closed: true,
  refund_exceeds_deposit: true,
  deposit_not_settled: true,
  user_not_found: true,
  wallet_not_found: true,
  fee_exceeds_amount: true,
  too_large_with_fee: true,
  key_reused: true,
  key_expired: true,
  key_in_use: true,
};
const REFUSAL_REASONS = Object.keys(IS_REFUSAL) as RefusalReason[];
const SHED_REASONS: readonly (SheddingReason | 'connections' | 'database')[] = [
  'requests',
  'event_loop',
  'memory',
  'connections',
  'database',
];

/** The API's metrics. Routes are patterns, never paths as they were sent, so the number of series is bounded. */
export function createApiMetrics(
  registry: Registry,
  { waitingCount }: { readonly waitingCount: () => number },
) {
  const registers = [registry];
  new Gauge({
    name: 'tollgate_accept_waiting',
    help: 'Requests that are waiting to be written.',
    registers,
    collect() {
      this.set(waitingCount());
    },
  });
  const metrics = {
    outcomes: createOutcomeMetrics(registry),
    orderHolds: createOrderHoldMetrics(registry),
    conversions: createConversionMetrics(registry),
    transferEnded: createTransferMetrics(registry),
    requests: new Counter({
      name: 'tollgate_http_requests_total',
      help: 'Requests by route and status.',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    requestDuration: new Histogram({
      name: 'tollgate_http_request_duration_seconds',
      help: 'How long requests took.',
      labelNames: ['method', 'route'],
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    }),
    accepted: new Counter({
      name: 'tollgate_payments_accepted_total',
      help: 'Payments accepted.',
      labelNames: ['type'],
      registers,
    }),
    refused: new Counter({
      name: 'tollgate_payments_refused_total',
      help: 'Requests for a payment that were refused.',
      labelNames: ['type', 'reason'],
      registers,
    }),
    replays: new Counter({
      name: 'tollgate_idempotent_replays_total',
      help: 'Stored answers that were returned again for a key that was used before.',
      registers,
    }),
    conflicts: new Counter({
      name: 'tollgate_idempotency_conflicts_total',
      help: 'Requests refused because their key was used for another request.',
      registers,
    }),
    shed: new Counter({
      name: 'tollgate_requests_shed_total',
      help: 'Requests turned away at once, by the limit that was reached.',
      labelNames: ['reason'],
      registers,
    }),
    unclassifiedErrors: new Counter({
      name: 'tollgate_unclassified_errors_total',
      help: 'Errors that the code does not expect, answered 500, by their kind in the classifier of database errors.',
      labelNames: ['kind'],
      registers,
    }),
    batchSize: new Histogram({
      name: 'tollgate_accept_batch_size',
      help: 'Requests written in one transaction.',
      buckets: BATCH_SIZE_BUCKETS,
      registers,
    }),
    batchDuration: new Histogram({
      name: 'tollgate_accept_batch_duration_seconds',
      help: 'How long it took to write one batch of requests.',
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    }),
  };
  const type = PAYMENT_TYPES;
  startAtZero(metrics.accepted, { type });
  startAtZero(metrics.refused, { type, reason: REFUSAL_REASONS });
  startAtZero(metrics.shed, { reason: SHED_REASONS });
  startAtZero(metrics.unclassifiedErrors, { kind: ['defect', 'unclassified', 'not_a_database_error'] });
  return metrics;
}

/** Shows how many requests wait for the end of a payment. */
export function observeWaits(
  registry: Registry,
  { waitingCount }: { readonly waitingCount: () => number },
): void {
  new Gauge({
    name: 'tollgate_deposits_waiting',
    help: 'Deposits whose answer waits until they are settled.',
    registers: [registry],
    collect() {
      this.set(waitingCount());
    },
  });
}

/** Shows how many requests wait for events, streams included. */
export function observeFeed(registry: Registry, { takenCount }: { readonly takenCount: () => number }): void {
  new Gauge({
    name: 'tollgate_events_readers_waiting',
    help: 'Requests that wait for events, streams included.',
    registers: [registry],
    collect() {
      this.set(takenCount());
    },
  });
}

/** Shows the open client connections, and counts those that were closed without an answer. */
export function observeConnections(
  registry: Registry,
  {
    server,
    connectionCount,
    evictedCount,
  }: Pick<RunningHttpServer, 'server' | 'connectionCount' | 'evictedCount'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'tollgate_http_connections',
    help: 'Open connections of clients.',
    registers,
    collect() {
      this.set(connectionCount());
    },
  });
  const dropped = new Counter({
    name: 'tollgate_http_connections_dropped_total',
    help: 'Connections closed without an answer because far too many were open.',
    registers,
  });
  server.on('drop', () => dropped.inc());
  new Counter({
    name: 'tollgate_http_connections_evicted_total',
    help: 'Waiting connections without a request under way that were closed to make room for others.',
    registers,
    collect() {
      this.reset();
      this.inc(evictedCount());
    },
  });
}

export type ApiMetrics = ReturnType<typeof createApiMetrics>;
