import type { Percent } from './percent.ts';

/** How a fee is reckoned: a share of the amount and a fixed part, together not less than `leastMinor` and not more than `mostMinor`. */
export interface FeeTerms {
  readonly percent: Percent;
  /** In minor units, like the two bounds; a bound that is null does not matter. */
  readonly fixedMinor: bigint;
  readonly leastMinor: bigint | null;
  readonly mostMinor: bigint | null;
}

export const NO_FEE: FeeTerms = {
  percent: { numerator: 0n, denominator: 100n },
  fixedMinor: 0n,
  leastMinor: null,
  mostMinor: null,
};

/** A fee that is a share of the amount and nothing else. */
export function percentOnly(percent: Percent): FeeTerms {
  return { ...NO_FEE, percent };
}

/**
 * The fee on an amount in minor units: the share rounded half up to a minor unit (2 % of 25 is 0.5, so 1), then the fixed part, which is
 * whole, and last the bounds. This is the only place that rounds a fee. It is never negative, and grows with the amount.
 */
export function computeFeeMinor(amountMinor: bigint, terms: FeeTerms): bigint {
  const { percent, fixedMinor, leastMinor, mostMinor } = terms;
  const doubled = 2n * amountMinor * percent.numerator + percent.denominator;
  const feeMinor = doubled / (2n * percent.denominator) + fixedMinor;
  if (leastMinor !== null && feeMinor < leastMinor) return leastMinor;
  if (mostMinor !== null && feeMinor > mostMinor) return mostMinor;
  return feeMinor;
}
