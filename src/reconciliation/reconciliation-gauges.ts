import type { Pool } from '../database/database.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { selectLastReportAt } from './sample-reconciliation.sql.ts';

/** Shows when the two books were last compared, by any process or person. */
export function createReconciliationGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
  const comparedAt = new Gauge({
    name: 'tollgate_reconciliation_last_report_timestamp_seconds',
    help: "When a comparison with the gateway's book last ended with a result; 0: never.",
    registers: [registry],
  });
  return async () => {
    const finishedAt = await selectLastReportAt(pool);
    comparedAt.set((finishedAt?.getTime() ?? 0) / 1000);
  };
}
