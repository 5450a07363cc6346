import { type Fraction, isSameFraction } from '../../money/fraction.ts';
import type { ExchangeRate } from './exchange-rate.ts';
import type { GivenRate, GivenRates } from './rate-provider.ts';

/**
 * `first`: it is used, although there is nothing to compare it with. `current`: it is used from now on, and any held rate is dropped. `held`: it
 * waits for an operator. `older`: it is ignored.
 */
export type RateFate = 'first' | 'current' | 'held' | 'older';

export interface DecidedRate extends GivenRate {
  readonly fate: RateFate;
}

/** The known rates of a pair. */
export interface KnownPair {
  readonly current?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
  readonly held?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
}

/**
 * Decides what to do with each rate that a source gave. Pure.
 * @param maxJump the largest share by which a rate may differ from the one in use.
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
  if (!current) return 'first';
  if (asOf < current.asOf || (held && asOf < held.asOf)) return 'older';
  return isJump(value, current.value, maxJump) ? 'held' : 'current';
}

/** Whether `value` differs from `last` by more than this share of `last`. The comparison is exact: a rate at the limit is not a jump. */
function isJump(value: Fraction, last: Fraction, maxJump: Fraction): boolean {
  if (isSameFraction(value, last)) return false;
  const changed = value.numerator * last.denominator - last.numerator * value.denominator;
  const distance = changed < 0n ? -changed : changed;
  return distance * maxJump.denominator > maxJump.numerator * last.numerator * value.denominator;
}
