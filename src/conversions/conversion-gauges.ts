import type { Knex, Pool } from '../database/database.ts';
import type { Config } from '../process/settings/config.ts';
import type { Registry } from '../telemetry/metrics.ts';
import type { Sampler } from '../telemetry/sampling.ts';
import { showPositionLimits } from './position-gauges.ts';
import { rateFreshnessOf } from './rates/freshness-settings.ts';
import { createRateGauges } from './rates/rate-gauges.ts';

/** What every process samples about conversion, by the value of the label `sample`; nothing while no source of rates is set. */
export function listConversionSamplers({
  knex,
  pool,
  registry,
  config,
}: {
  readonly knex: Knex;
  readonly pool: Pool;
  readonly registry: Registry;
  readonly config: Config;
}): Readonly<Record<string, Sampler>> {
  const { ratesSource: source, positionLimits } = config.conversions;
  showPositionLimits(registry, positionLimits);
  if (source === 'none') return {};
  return { rates: createRateGauges({ knex, pool, registry, source, freshness: rateFreshnessOf(config) }) };
}
