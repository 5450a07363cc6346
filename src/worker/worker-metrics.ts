import { createOrderHoldMetrics } from '../order-holds/order-hold-metrics.ts';
import { createOutcomeMetrics } from '../payments/conclude/outcome-metrics.ts';
import { PAYMENT_TYPES } from '../payments/kinds/payment-kinds.ts';
import { RETAINED_TABLES } from '../retention/retained.ts';
import {
  BATCH_SIZE_BUCKETS,
  Counter,
  Gauge,
  Histogram,
  LATENCY_BUCKETS_SECONDS,
  type Registry,
  startAtZero,
} from '../telemetry/metrics.ts';

/** Everything that the worker counts; every label has a bounded set of values. */
export function createWorkerMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const seconds = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Histogram({ name, help, labelNames, buckets: LATENCY_BUCKETS_SECONDS, registers });
  const batch = (name: string, help: string) =>
    new Histogram({ name, help, buckets: BATCH_SIZE_BUCKETS, registers });

  const metrics = {
    outcomes: createOutcomeMetrics(registry),
    orderHolds: createOrderHoldMetrics(registry),
    retried: counter(
      'tollgate_payments_retried_total',
      'Attempts after which a payment went back to the queue.',
      ['type'],
    ),
    rescued: counter('tollgate_tasks_rescued_total', 'Tasks taken over after their lease had expired.'),
    stale: counter('tollgate_stale_results_total', 'Results dropped because the lease had been lost.'),
    leasesLost: counter('tollgate_leases_lost_total', 'Leases that this worker lost while it held the task.'),
    deferred: counter(
      'tollgate_worker_settlements_set_aside_total',
      'Runs whose settlement had to wait because another transaction had locked their rows.',
    ),
    unwritten: counter(
      'tollgate_settlement_failures_total',
      'Failed attempts to write a batch of settlements.',
    ),
    claimErrors: counter('tollgate_claim_failures_total', 'Claims that failed.'),
    inquiries: counter(
      'tollgate_unknown_inquiries_total',
      'Inquiries about payments of unknown outcome, by result.',
      ['result'],
    ),
    needReview: counter(
      'tollgate_payments_need_review_total',
      'Payments of unknown outcome that were handed to a person.',
    ),
    gatewayCalls: counter('tollgate_gateway_calls_total', 'Calls to the gateway by outcome.', [
      'gateway',
      'operation',
      'outcome',
      'error_class',
    ]),
    gatewayLatency: seconds('tollgate_gateway_call_duration_seconds', 'How long calls to the gateway took.', [
      'gateway',
      'operation',
    ]),
    claimSize: batch('tollgate_claim_batch_size', 'Tasks taken by one claim.'),
    claimDuration: seconds('tollgate_claim_duration_seconds', 'How long one claim took.'),
    settleSize: batch('tollgate_settle_batch_size', 'Runs settled in one transaction.'),
    settleDuration: seconds('tollgate_settle_duration_seconds', 'How long one settlement transaction took.'),
    maintenanceRuns: counter('tollgate_maintenance_runs_total', 'Runs of the tasks beside the queue.', [
      'task',
      'result',
    ]),
    rowsPruned: counter(
      'tollgate_rows_pruned_total',
      "Rows that were deleted because they were older than their table's retention.",
      ['table'],
    ),
    maintenanceDuration: seconds(
      'tollgate_maintenance_duration_seconds',
      'How long the tasks beside the queue took.',
      ['task'],
    ),
    maintenanceSucceededAt: new Gauge({
      name: 'tollgate_maintenance_last_success_timestamp_seconds',
      help: 'When a task beside the queue last succeeded in this worker.',
      labelNames: ['task'],
      registers,
    }),
  };
  startAtZero(metrics.retried, { type: PAYMENT_TYPES });
  startAtZero(metrics.rowsPruned, { table: Object.values(RETAINED_TABLES) });
  startAtZero(metrics.inquiries, { result: ['succeeded', 'failed', 'ask_again', 'disputed', 'late'] });
  return metrics;
}

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;
