import type { Pool } from '../../database/database.ts';
import { Gauge, type Registry } from '../../telemetry/metrics.ts';
import type { Sampler } from '../../telemetry/sampling.ts';
import { listRates } from './exchange-rates.sql.ts';
import type { RateSource } from './rate-provider.ts';
import { isStale, type RateFreshness } from './staleness.ts';

/** Shows how old the rates of the source that is set are, and how many of them can be used. */
export function createRateGauges({
  pool,
  registry,
  source,
  freshness,
}: {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly source: RateSource;
  readonly freshness: RateFreshness;
}): Sampler {
  const registers = [registry];
  const age = new Gauge({
    name: 'tollgate_exchange_rate_age_seconds',
    help: 'How long ago the newest rate of the source was true, by the source; weekends count.',
    labelNames: ['source'],
    registers,
  });
  const count = new Gauge({
    name: 'tollgate_exchange_rates',
    help: 'Pairs of currencies by what their rate is: fresh, stale by the calendar of the source, or held for an operator.',
    labelNames: ['source', 'state'],
    registers,
  });
  return async () => {
    const { rates, now } = await listRates(pool, source);
    const current = rates.filter(({ state }) => state === 'current');
    const staleCount = current.filter(({ asOf }) => isStale(asOf, now, freshness)).length;
    count.set({ source, state: 'fresh' }, current.length - staleCount);
    count.set({ source, state: 'stale' }, staleCount);
    count.set({ source, state: 'held' }, rates.length - current.length);
    if (current.length > 0)
      age.set({ source }, (now.getTime() - Math.max(...current.map(({ asOf }) => asOf.getTime()))) / 1000);
  };
}
