import type { FinishedRun } from '../payments/conclude/settle-payments.ts';
import type { Logger } from '../telemetry/logging.ts';
import type { WorkerEvents } from './worker-events.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** Turns the worker's events into metrics and structured log events, each with the id of its payment. */
export function createEventRecorder(
  log: Logger,
  metrics: WorkerMetrics,
  { differencesFound, renewalFailed }: Pick<WorkerEvents, 'differencesFound' | 'renewalFailed'>,
): WorkerEvents {
  return {
    differencesFound,
    renewalFailed,
    claimed({ count, durationMs }) {
      metrics.claimSize.observe(count);
      metrics.claimDuration.observe(durationMs / 1000);
    },
    settled(run, result) {
      const { type } = run.payment;
      const entry = describeRun(run);
      switch (result) {
        case 'succeeded':
          metrics.outcomes.settled(run.payment);
          log.info({ event: 'payment.settled', ...entry });
          return;
        case 'failed': {
          const reason = run.decision.kind === 'failed' ? run.decision.reason : 'refused';
          metrics.outcomes.failed(type, reason);
          metrics.outcomes.deadLettered(reason);
          log.warn({ event: 'payment.failed', reason, ...entry });
          return;
        }
        case 'disputed':
        case 'unknown':
          metrics.outcomes.unknown(type);
          metrics.outcomes.deadLettered('outcome_unknown');
          log.error({ event: 'payment.outcome_unknown', ...entry });
          return;
        case 'retry':
          metrics.retried.inc({ type });
          log.info({
            event: 'payment.retry_scheduled',
            ...entry,
            delay_ms: run.decision.kind === 'retry' ? run.decision.delayMs : undefined,
          });
          return;
        case 'locked':
          return;
        case 'stale':
          metrics.stale.inc();
          log.warn({ event: 'payment.stale_result', ...entry });
      }
    },
    batchSettled({ runCount, durationMs }) {
      metrics.settleSize.observe(runCount);
      metrics.settleDuration.observe(durationMs / 1000);
    },
    settlementFailed({ runs, error, willRetry }) {
      metrics.unwritten.inc();
      const payment_ids = runs.map(({ payment }) => payment.paymentId.toString());
      log.error({ event: 'payment.settlement_failed', payment_ids, will_retry: willRetry, error });
    },
    deferred({ payment }) {
      metrics.deferred.inc();
      log.warn({ event: 'payment.settlement_set_aside', payment_id: payment.paymentId.toString() });
    },
    claimFailed(error) {
      metrics.claimErrors.inc();
      log.error({ event: 'worker.claim_failed', error });
    },
    leaseLost(paymentId) {
      metrics.leasesLost.inc();
      log.warn({ event: 'payment.lease_lost', payment_id: paymentId.toString() });
    },
    rescued(paymentIds) {
      metrics.rescued.inc(paymentIds.length);
      log.warn({ event: 'payment.rescued', payment_ids: paymentIds.map(String) });
    },
    poisoned(paymentIds) {
      metrics.outcomes.deadLettered('poison', paymentIds.length);
      log.error({ event: 'payment.poisoned', payment_ids: paymentIds.map(String) });
    },
    asked({ paymentId, payment, decision, isConcluded }) {
      metrics.inquiries.inc({ result: decision.kind });
      if (isConcluded && decision.kind === 'succeeded') metrics.outcomes.settled(payment);
      if (isConcluded && decision.kind === 'failed') metrics.outcomes.failed(payment.type, decision.reason);
      log.info({
        event: 'payment.inquired',
        payment_id: paymentId.toString(),
        result: decision.kind,
      });
    },
    needReview(paymentIds) {
      metrics.needReview.inc(paymentIds.length);
      log.error({ event: 'payment.needs_review', payment_ids: paymentIds.map(String) });
    },
    lateResultsUnwritten({ runs, error, willRetry }) {
      const payment_ids = runs.map(({ payment }) => payment.paymentId.toString());
      log.error({ event: 'payment.late_results_unwritten', payment_ids, will_retry: willRetry, error });
    },
    clockUnsteady(step) {
      const by =
        step.kind === 'jumped' ? { by_ms: Math.round(step.byMs) } : { for_ms: Math.round(step.forMs) };
      log.warn({ event: `database.clock_${step.kind}`, ...by });
    },
    historyCut(by) {
      log.error({ event: 'database.history_cut', by });
    },
  };
}

function describeRun({ payment, report }: FinishedRun) {
  return {
    payment_id: payment.paymentId.toString(),
    user_id: payment.userId.toString(),
    attempt: payment.task.attempts + 1,
    outcome: report.outcome,
    inquiry: report.inquiry ?? undefined,
    error_class: report.errorClass ?? undefined,
    latency_ms: report.latencyMs,
  };
}
