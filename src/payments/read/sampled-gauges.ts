import type { Pool } from '../../database/database.ts';
import { createDiscardGauges } from '../../dead-letters/discard-gauges.ts';
import { createEventGauges } from '../../events/event-gauges.ts';
import { createLedgerGauges } from '../../ledger/ledger-gauges.ts';
import { createOrderHoldGauges } from '../../order-holds/order-hold-gauges.ts';
import { createQueueGauges, type OnStranded } from '../../queue/queue-gauges.ts';
import { createReconciliationGauges } from '../../reconciliation/reconciliation-gauges.ts';
import { createDatabaseGauges } from '../../telemetry/database-gauges.ts';
import type { Registry } from '../../telemetry/metrics.ts';
import { type Sampler, startSampling } from '../../telemetry/sampling.ts';
import { createHistoryGauges } from '../history/history-gauges.ts';
import { createResolutionGauges, type OnResolution } from '../unknown/resolution-gauges.ts';

/** Tables whose rows change or are pruned, so that vacuum has work there; the ledger's tables only grow. */
export const CHANGING_TABLES = [
  'accounts',
  'gateway_events',
  'idempotency_keys',
  'order_holds',
  'payment_attempts',
  'payment_dlq',
  'payment_inquiries',
  'payment_inquiry_answers',
  'payment_tasks',
  'payments',
  'reconciliation_differences',
];

/**
 * Samples facts about the database, not about the process. Every process does this, so that the facts are known as long as one is running.
 * Queries must take the maximum over processes, never the sum.
 */
export function startSampledGauges(options: {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
  readonly onResolution?: OnResolution;
  /** The names of the gateways in the settings. */
  readonly gateways: readonly string[];
  readonly onStranded?: OnStranded;
  /** Of rooms that payments know nothing of, by the value of the label `sample`. */
  readonly samplers: Readonly<Record<string, Sampler>>;
}): { stop(): Promise<void> } {
  return startSampling({
    ...options,
    samplers: {
      ...options.samplers,
      queue: createQueueGauges(options),
      ledger: createLedgerGauges(options),
      events: createEventGauges(options),
      orderHolds: createOrderHoldGauges(options),
      reconciliation: createReconciliationGauges(options),
      resolutions: createResolutionGauges(options),
      discards: createDiscardGauges(options),
      history: createHistoryGauges(options),
      database: createDatabaseGauges({ ...options, tables: CHANGING_TABLES }),
    },
  });
}
