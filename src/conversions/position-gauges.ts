import { Gauge, type Registry } from '../telemetry/metrics.ts';

/** Shows the limits of positions, beside the balances of the accounts `fx` that the ledger's gauges show. */
export function showPositionLimits(registry: Registry, limits: ReadonlyMap<string, bigint>): void {
  const limit = new Gauge({
    name: 'tollgate_conversion_position_limit_minor_units',
    help: 'How much of a currency may be owned or owed by converting, by CONVERSION_POSITION_LIMITS; the position is the balance of the account fx.',
    labelNames: ['currency'],
    registers: [registry],
  });
  for (const [currency, amountMinor] of limits) limit.set({ currency }, Number(amountMinor));
}
