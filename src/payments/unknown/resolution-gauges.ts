import type { Pool } from '../../database/database.ts';
import { Gauge, type Registry } from '../../telemetry/metrics.ts';
import type { Sampler } from '../../telemetry/sampling.ts';
import {
  countResolutions,
  type RecordedResolution,
  selectLastResolutions,
} from './sample-resolutions.sql.ts';

/** More than people can write between two samples. */
const LOOKED_AT = 100;

export type OnResolution = (resolution: RecordedResolution) => void;

/**
 * Shows what people decided about payments of unknown outcome, by API or command line. It reads the database, because the command line only
 * writes there and ends: nobody scrapes it or reads its log.
 * @param onResolution is called once for each resolution that was written since the process started.
 */
export function createResolutionGauges({
  pool,
  registry,
  onResolution,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly onResolution?: OnResolution;
}): Sampler {
  const resolutions = new Gauge({
    name: 'tollgate_payment_resolutions',
    help: 'Payments of unknown outcome that people have resolved through the API or the command line, since the beginning.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  let known: ReadonlySet<bigint> | undefined;

  return async () => {
    const counts = await countResolutions(pool);
    for (const outcome of ['executed', 'not_executed'] as const)
      resolutions.set({ outcome }, counts.get(outcome) ?? 0);
    if (!onResolution) return;
    // Remember ids, not the highest id: of two written at the same time, the later id may become visible first.
    const last = await selectLastResolutions(pool, LOOKED_AT);
    for (const resolution of last.toReversed())
      if (known && !known.has(resolution.id)) onResolution(resolution);
    known = new Set(last.map(({ id }) => id));
  };
}
