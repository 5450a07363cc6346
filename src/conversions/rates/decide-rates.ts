import { type Fraction, isSameFraction } from '../../money/fraction.ts';
import type { ExchangeRate } from './exchange-rate.ts';
import type { GivenRate, GivenRates } from './rate-provider.ts';

/** `current`: it counts from now on, and what was held is forgotten. `held`: it waits for an operator. `older`: it is passed over. */
export type RateFate = 'current' | 'held' | 'older';

export interface DecidedRate extends GivenRate {
  readonly fate: RateFate;
}

/** What is known of a pair. */
export interface KnownPair {
  readonly current?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
  readonly held?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
}

/**
 * Decides what becomes of each rate that a source gave. The first one of a pair counts at once, since there is nothing to compare it with. Pure.
 * @param maxJump the largest share by which a rate may differ from the last one that counted.
 */
export function decideRates(
  given: Pick<GivenRates, 'asOf' | 'rates'>,
  { knownOf, maxJump }: { readonly knownOf: (quote: string) => KnownPair; readonly maxJump: Fraction },
): DecidedRate[] {
  return given.rates.map((rate) => ({
    ...rate,
    fate: decideRate(rate.value, given.asOf, { ...knownOf(rate.quote), maxJump }),
  }));
}

function decideRate(
  value: Fraction,
  asOf: Date,
  { current, held, maxJump }: KnownPair & { readonly maxJump: Fraction },
): RateFate {
  if (!current) return 'current';
  if (asOf < current.asOf || (held && asOf < held.asOf)) return 'older';
  return isJump(value, current.value, maxJump) ? 'held' : 'current';
}

/** Whether `value` differs from `last` by more than this share of `last`; exactly, so a rate at the limit is none. */
function isJump(value: Fraction, last: Fraction, maxJump: Fraction): boolean {
  if (isSameFraction(value, last)) return false;
  const changed = value.numerator * last.denominator - last.numerator * value.denominator;
  const distance = changed < 0n ? -changed : changed;
  return distance * maxJump.denominator > maxJump.numerator * last.numerator * value.denominator;
}
