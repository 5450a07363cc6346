import { DIFFERENCE_KINDS, DIFFERENCE_SOURCES, type Difference } from '../../reconciliation/difference.ts';
import type { Logger } from '../../telemetry/logging.ts';
import { Counter, type Registry, startAtZero } from '../../telemetry/metrics.ts';
import type { OutcomeMetrics } from '../conclude/outcome-metrics.ts';
import type { CallbackEvents } from './create-callback-intake.ts';
import type { EndedPayment, ProcessedEvent } from './gateway-event.ts';

/** Turns the results of callbacks, and differences from any source, into metrics and log events. */
export function createCallbackObserver(
  log: Logger,
  registry: Registry,
  outcomes: OutcomeMetrics,
): CallbackEvents {
  const registers = [registry];
  const callbacks = new Counter({
    name: 'tollgate_gateway_callbacks_total',
    help: 'Callbacks of the gateway that were processed, by result.',
    labelNames: ['result', 'status'],
    registers,
  });
  const failures = new Counter({
    name: 'tollgate_gateway_callback_failures_total',
    help: 'Failed attempts to process a callback; the callback stays stored and is tried again.',
    registers,
  });
  const differences = new Counter({
    name: 'tollgate_reconciliation_exceptions_total',
    help: "Differences between the gateway's records and ours, each counted once.",
    labelNames: ['kind', 'source'],
    registers,
  });

  startAtZero(callbacks, {
    result: ['concluded', 'matched', 'exception'],
    status: ['succeeded', 'refused'],
  });
  startAtZero(differences, { kind: DIFFERENCE_KINDS, source: DIFFERENCE_SOURCES });

  function countEnded({ payment, hasNewDeadLetter }: EndedPayment, status: ProcessedEvent['status']): void {
    if (status === 'succeeded') outcomes.settled(payment);
    else outcomes.failed(payment.type, 'refused');
    if (hasNewDeadLetter) outcomes.deadLettered('refused');
  }

  function differencesFound(found: readonly Difference[]): void {
    for (const { kind, source, reference, paymentId, ours, theirs } of found) {
      differences.inc({ kind, source });
      const payment_id = paymentId?.toString();
      log.error({ event: 'reconciliation.exception', payment_id, reference, kind, source, ours, theirs });
    }
  }

  return {
    processed({ eventId, gateway, paymentId, status, result, ended, newDifferences }) {
      callbacks.inc({ result, status });
      if (ended) countEnded(ended, status);
      const entry = { payment_id: paymentId?.toString(), event_id: eventId, gateway, status, result };
      if (result === 'matched') log.debug({ event: 'gateway_callback.processed', ...entry });
      else log.info({ event: 'gateway_callback.processed', ...entry });
      differencesFound(newDifferences);
    },
    failed({ eventId, gateway, error }) {
      failures.inc();
      log.error({ event: 'gateway_callback.failed', event_id: eventId, gateway, error });
    },
    differencesFound,
  };
}
