import { parseJson } from '../../http/parse-json.ts';
import { isKnownCurrency } from '../../money/currency.ts';
import { checkRate } from './check-rate.ts';
import type { GivenRates } from './rate-provider.ts';
import { readDay, readSeconds, readTime } from './rate-time.ts';

/**
 * Reads rates in JSON: `{"base": "USD", "as_of": "2026-11-27T12:00:00Z", "rates": {"EUR": 0.92, "JPY": "150.25"}}`. Instead of `as_of`
 * it may have `timestamp`, in seconds, or `date`. Currencies that are not in ISO 4217 are ignored. Pure.
 * @param wantedBase the currency that the rates must be for.
 * @returns what is wrong, if none of it can be used.
 */
export function parseRates(
  text: string,
  { wantedBase, now }: { readonly wantedBase?: string | undefined; readonly now: Date },
): GivenRates | string {
  const parsed = parseJson(text);
  if (parsed.kind === 'repeated_member') return 'an object has the same name twice';
  if (parsed.kind === 'no_json' || !isObject(parsed.value)) return 'it is not a JSON object';
  const { base, rates } = parsed.value;
  if (typeof base !== 'string' || !isKnownCurrency(base)) return '`base` is not an ISO 4217 currency';
  if (wantedBase !== undefined && base !== wantedBase)
    return `\`base\` is ${base}, and rates for ${wantedBase} were asked for`;
  if (!isObject(rates)) return '`rates` is not an object';
  const asOf = readAsOf(parsed.value, now);
  if (typeof asOf === 'string') return asOf;
  const each = readEach(base, Object.entries(rates));
  // A source that has lost its rates would otherwise look like one that works, until they are stale.
  if (each.rates.length + each.refused.length === 0) return 'it has no rates';
  return { base, asOf, ...each };
}

/** Separates rates that can be used from those that cannot. */
export function readEach(
  base: string,
  entries: readonly (readonly [string, unknown])[],
): Pick<GivenRates, 'rates' | 'refused'> {
  const read = entries
    .filter(([quote]) => quote !== base && isKnownCurrency(quote))
    .map(([quote, written]) => ({ quote, value: checkRate(written) }));
  return {
    rates: read.flatMap(({ quote, value }) => (typeof value === 'string' ? [] : [{ quote, value }])),
    refused: read.flatMap(({ quote, value }) => (typeof value === 'string' ? [{ quote, why: value }] : [])),
  };
}

function readAsOf(given: Readonly<Record<string, unknown>>, now: Date): Date | string {
  if ([given.as_of, given.timestamp, given.date].every((time) => time === undefined))
    return 'it does not say of when the rates are: `as_of`, `timestamp` or `date` is missing';
  const [name, at] =
    given.as_of !== undefined
      ? ['as_of', readTime(given.as_of, now)]
      : given.timestamp !== undefined
        ? ['timestamp', readSeconds(given.timestamp, now)]
        : ['date', readDay(given.date, now)];
  return typeof at === 'string' ? `\`${name}\` ${at}` : (at as Date);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
