import type { Pool } from '../database/database.ts';
import { Gauge, type Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { countDiscarded } from './count-discarded.sql.ts';

/** Shows how many letters people have discarded. It reads the database, because nobody scrapes the command line. */
export function createDiscardGauges({
  pool,
  registry,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
}): Sampler {
  const discarded = new Gauge({
    name: 'tollgate_dead_letters_discarded',
    help: 'Dead letters that people have discarded through the API or the command line, since the beginning.',
    registers: [registry],
  });
  return async () => discarded.set(await countDiscarded(pool));
}
