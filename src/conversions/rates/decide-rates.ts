import { type Fraction, isSameFraction } from '../../money/fraction.ts';
import type { ExchangeRate } from './exchange-rate.ts';
import type { GivenRate, GivenRates } from './rate-provider.ts';

/**
 * `first`: it is used, although there is nothing to compare it with, for this base or any other. `current`: it is used from now on, and any held or refused rate is
 * dropped. `held`: it waits for an operator. `refused`: an operator has refused this very number. `older`: it is ignored.
 */
export type RateFate = 'first' | 'current' | 'held' | 'refused' | 'older';

export interface DecidedRate extends GivenRate {
  readonly fate: RateFate;
}

/** The known rates of a pair. */
export interface KnownPair {
  readonly current?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
  /** What the rates in use for other bases come to. It counts where there is no current one: a source may turn to another base. */
  readonly elsewhere?: Fraction | undefined;
  readonly held?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
  /** What an operator refused last, if the source has named no other number since. */
  readonly refused?: Pick<ExchangeRate, 'value' | 'asOf'> | undefined;
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
  { current, elsewhere, held, refused, maxJump }: KnownPair & { readonly maxJump: Fraction },
): RateFate {
  const last = current?.value ?? elsewhere;
  if (!last) return 'first';
  if ([current, held, refused].some((known) => known && asOf < known.asOf)) return 'older';
  if (!isJump(value, last, maxJump)) return 'current';
  return refused && isSameFraction(value, refused.value) ? 'refused' : 'held';
}

/** Whether `value` differs from `last` by more than this share of `last`. The comparison is exact: a rate at the limit is not a jump. */
function isJump(value: Fraction, last: Fraction, maxJump: Fraction): boolean {
  if (isSameFraction(value, last)) return false;
  const changed = value.numerator * last.denominator - last.numerator * value.denominator;
  const distance = changed < 0n ? -changed : changed;
  return distance * maxJump.denominator > maxJump.numerator * last.numerator * value.denominator;
}
