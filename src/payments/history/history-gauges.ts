import type { Pool } from '../../database/database.ts';
import { Gauge, type Registry } from '../../telemetry/metrics.ts';
import type { Sampler } from '../../telemetry/sampling.ts';
import { selectLastCutAt } from './database-history.sql.ts';

/** Shows when part of the database's history was last found to be gone, by any process or person. */
export function createHistoryGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
  const cutAt = new Gauge({
    name: 'tollgate_database_history_cut_timestamp_seconds',
    help: "When the server's history was last found not to go on where it was: a standby took over, or an earlier state was put back; 0: never.",
    registers: [registry],
  });
  return async () => cutAt.set(((await selectLastCutAt(pool))?.getTime() ?? 0) / 1000);
}
