import type { Knex, Pool } from '../../database/database.ts';
import { selectSystemAccountSamples } from '../../ledger/sample-ledger.sql.ts';
import { Gauge, type Registry } from '../../telemetry/metrics.ts';
import type { Sampler } from '../../telemetry/sampling.ts';
import { listRates } from './exchange-rates.sql.ts';
import type { RateSource } from './rate-provider.ts';
import { isStale, type RateFreshness } from './staleness.ts';

/** Gauges of the configured source: how old its rates are, and how many can be used. */
export function createRateGauges({
  knex,
  pool,
  registry,
  source,
  freshness,
}: {
  readonly knex: Knex;
  readonly pool: Pool;
  readonly registry: Registry;
  readonly source: RateSource;
  readonly freshness: RateFreshness;
}): Sampler {
  const registers = [registry];
  const age = new Gauge({
    name: 'tollgate_exchange_rate_age_seconds',
    help: 'Age of the newest rate of the source, by the time that the source gives it; weekends count.',
    labelNames: ['source'],
    registers,
  });
  const count = new Gauge({
    name: 'tollgate_exchange_rates',
    help: 'Pairs of currencies by what their rate is: fresh, stale by the calendar of the source, or held for an operator.',
    labelNames: ['source', 'state'],
    registers,
  });
  const currencyAge = new Gauge({
    name: 'tollgate_exchange_rate_currency_age_seconds',
    help: 'How long ago the rate of a currency that wallets are kept in was true, by the source; weekends count.',
    labelNames: ['source', 'currency'],
    registers,
  });
  const currencyStale = new Gauge({
    name: 'tollgate_exchange_rate_currency_stale',
    help: 'Whether the rate of a currency that wallets are kept in is stale by the calendar of the source: 1 or 0.',
    labelNames: ['source', 'currency'],
    registers,
  });
  return async () => {
    const [{ rates, now }, accounts] = await Promise.all([
      listRates(knex, source),
      selectSystemAccountSamples(pool),
    ]);
    // A source names many currencies; those that nobody has money in would only hide the others.
    const isInUse = new Set(accounts.map(({ currency }) => currency));
    const current = rates.filter(({ state }) => state === 'current');
    const staleCount = current.filter(({ asOf }) => isStale(asOf, now, freshness)).length;
    count.set({ source, state: 'fresh' }, current.length - staleCount);
    count.set({ source, state: 'stale' }, staleCount);
    count.set({ source, state: 'held' }, rates.filter(({ state }) => state === 'held').length);
    for (const { quote: currency, asOf } of current.filter(({ quote }) => isInUse.has(quote))) {
      currencyAge.set({ source, currency }, (now.getTime() - asOf.getTime()) / 1000);
      currencyStale.set({ source, currency }, isStale(asOf, now, freshness) ? 1 : 0);
    }
    if (current.length > 0)
      age.set({ source }, (now.getTime() - Math.max(...current.map(({ asOf }) => asOf.getTime()))) / 1000);
  };
}
