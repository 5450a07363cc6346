import type { Percent } from '../money/percent.ts';

/** The fee on an amount in minor units, rounded half up to a minor unit: 2 % of 25 is 0.5, so 1. */
export function computeFeeMinor(amountMinor: bigint, fee: Percent): bigint {
  const doubled = 2n * amountMinor * fee.numerator + fee.denominator;
  return doubled / (2n * fee.denominator);
}
