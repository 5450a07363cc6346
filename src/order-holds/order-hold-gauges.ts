import type { Pool } from '../database/database.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { sampleOrderHolds } from './sample-order-holds.sql.ts';

/** Gauges of what is held for orders. */
export function createOrderHoldGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
  const registers = [registry];
  const open = new Gauge({
    name: 'tollgate_order_holds_open',
    help: 'Holds for orders that have not ended.',
    registers,
  });
  const overdue = new Gauge({
    name: 'tollgate_order_holds_overdue_seconds',
    help: 'How long ago the hold that is overdue longest should have expired; 0 if none is overdue.',
    registers,
  });
  return async () => {
    const sample = await sampleOrderHolds(pool);
    open.set(sample.openCount);
    overdue.set(sample.overdueSeconds);
  };
}
