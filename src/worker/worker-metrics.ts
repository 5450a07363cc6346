import {
  BATCH_SIZE_BUCKETS,
  Counter,
  Gauge,
  Histogram,
  LATENCY_BUCKETS_SECONDS,
  type Registry,
} from '../shared/metrics.ts';

/** Everything that the worker counts; every label has a bounded set of values. */
export function createWorkerMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const seconds = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Histogram({ name, help, labelNames, buckets: LATENCY_BUCKETS_SECONDS, registers });
  const batch = (name: string, help: string) =>
    new Histogram({ name, help, buckets: BATCH_SIZE_BUCKETS, registers });

  return {
    settled: counter(
      'tollgate_payments_settled_total',
      'Payments that the gateway carried out and the ledger posted.',
      ['type'],
    ),
    failed: counter('tollgate_payments_failed_total', 'Payments that failed for good.', ['type', 'reason']),
    unknown: counter(
      'tollgate_payments_unknown_total',
      'Payments whose attempts ended with their outcome unknown.',
      ['type'],
    ),
    retried: counter(
      'tollgate_payments_retried_total',
      'Attempts after which a payment went back to the queue.',
      ['type'],
    ),
    deadLettered: counter('tollgate_dead_letters_total', 'Dead letters written.', ['reason']),
    rescued: counter('tollgate_tasks_rescued_total', 'Tasks taken over after their lease had expired.'),
    stale: counter('tollgate_stale_results_total', 'Results dropped because the lease had been lost.'),
    leasesLost: counter('tollgate_leases_lost_total', 'Leases that this worker lost while it held the task.'),
    unwritten: counter(
      'tollgate_settlement_failures_total',
      'Settlement batches that could not be written when tried.',
    ),
    claimErrors: counter('tollgate_claim_failures_total', 'Claims that failed.'),
    inquiries: counter(
      'tollgate_unknown_inquiries_total',
      'Questions about payments of unknown outcome, by what came of them.',
      ['result'],
    ),
    gatewayCalls: counter('tollgate_gateway_calls_total', 'Calls to the gateway by outcome.', [
      'operation',
      'outcome',
      'error_class',
    ]),
    gatewayLatency: seconds('tollgate_gateway_call_duration_seconds', 'How long calls to the gateway took.', [
      'operation',
    ]),
    settleLatency: seconds(
      'tollgate_payment_accept_to_settle_seconds',
      'From acceptance to the end of the payment.',
    ),
    claimSize: batch('tollgate_claim_batch_size', 'Tasks taken by one claim.'),
    claimDuration: seconds('tollgate_claim_duration_seconds', 'How long one claim took.'),
    settleSize: batch('tollgate_settle_batch_size', 'Runs settled in one transaction.'),
    settleDuration: seconds('tollgate_settle_duration_seconds', 'How long one settlement transaction took.'),
    integrityViolations: gauge(
      'tollgate_ledger_integrity_violations',
      'Violations that the last integrity check found.',
    ),
    integrityChecked: gauge(
      'tollgate_ledger_integrity_checked_timestamp_seconds',
      'When the last integrity check ended.',
    ),
  };
}

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;
