import { type Fraction, invert, multiply } from '../../money/fraction.ts';
import type { ExchangeRate } from './exchange-rate.ts';

/** What one unit of a currency is worth in another, at the mid-market rate. */
export interface DerivedRate {
  readonly mid: Fraction;
  /** The time of the older of the two rates that it comes from. */
  readonly asOf: Date;
  /** Whether one of them waits for an operator. */
  readonly isHeld: boolean;
}

type Known = Pick<ExchangeRate, 'base' | 'quote' | 'state' | 'value' | 'asOf'>;

/**
 * Finds the exact rate between two currencies: as the source gives it, or through a base that has a rate for both. The way back is always the
 * inverse of the way there, so a round trip gains nothing. If there are several bases, the one with the newest rates is used both ways; of equally
 * new ones, the first by name. Pure.
 */
export function deriveRate(rates: readonly Known[], from: string, to: string): DerivedRate | undefined {
  const current = rates.filter(({ state }) => state === 'current');
  const [newest] = basesOf(current)
    .flatMap((base) => throughBase(current, base, from, to) ?? [])
    .toSorted((a, b) => b.asOf.getTime() - a.asOf.getTime());
  return newest && { ...newest, isHeld: isHeldSince(newest.asOf, rates, from, to) };
}

function throughBase(
  current: readonly Known[],
  base: string,
  from: string,
  to: string,
): Pick<DerivedRate, 'mid' | 'asOf'> | undefined {
  const toBase = ofBase(current, base, from);
  const fromBase = ofBase(current, base, to);
  if (!toBase || !fromBase) return undefined;
  const times = [toBase.asOf, fromBase.asOf].flatMap((asOf) => asOf ?? []);
  const asOf = new Date(Math.min(...times.map((time) => time.getTime())));
  return { mid: multiply(invert(toBase.value), fromBase.value), asOf };
}

/** Whether a rate that waits for an operator says something else of this pair, through any base, and not earlier. */
function isHeldSince(since: Date, rates: readonly Known[], from: string, to: string): boolean {
  const known = rates.filter(({ state }) => state !== 'refused');
  const speaksOfBoth = (base: string) => ofBase(known, base, from) && ofBase(known, base, to);
  return known.some(
    ({ state, base, quote, asOf }) =>
      state === 'held' && asOf >= since && (quote === from || quote === to) && speaksOfBoth(base),
  );
}

function basesOf(rates: readonly Known[]): string[] {
  return [...new Set(rates.map(({ base }) => base))].toSorted();
}

/** What one unit of a base is worth in a currency. In the base itself that is always one. */
function ofBase(
  rates: readonly Known[],
  base: string,
  currency: string,
): { readonly value: Fraction; readonly asOf?: Date } | undefined {
  if (currency === base) return { value: { numerator: 1n, denominator: 1n } };
  return rates.find((rate) => rate.base === base && rate.quote === currency);
}
