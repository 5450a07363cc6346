import type { Pool } from '../database/database.ts';
import { DEFAULT_GATEWAY } from '../gateway/port/default-gateway.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { countClosedDifferences, selectLastReportsAt } from './sample-reconciliation.sql.ts';

/** Shows when the two books were last compared, and how many differences people have dealt with, in any process. */
export function createReconciliationGauges({
  pool,
  registry,
  gateways = [DEFAULT_GATEWAY],
}: {
  readonly pool: Pool;
  readonly registry: Registry;
  /** The names of those in the settings. */
  readonly gateways?: readonly string[];
}): Sampler {
  const comparedAt = new Gauge({
    name: 'tollgate_reconciliation_last_report_timestamp_seconds',
    help: "When a comparison with each gateway's book last ended with a result; 0: never.",
    labelNames: ['gateway'],
    registers: [registry],
  });
  const closed = new Gauge({
    name: 'tollgate_reconciliation_exceptions_closed',
    help: "Differences between the gateway's records and ours that people have closed or posted to suspense, and that are still kept.",
    registers: [registry],
  });
  return async () => {
    const finishedAt = await selectLastReportsAt(pool, gateways);
    for (const gateway of gateways)
      comparedAt.set({ gateway }, (finishedAt.get(gateway)?.getTime() ?? 0) / 1000);
    closed.set(await countClosedDifferences(pool));
  };
}
