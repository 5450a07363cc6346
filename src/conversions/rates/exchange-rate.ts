import type { Fraction } from '../../money/fraction.ts';
import type { RateSource } from './rate-provider.ts';

/**
 * `held`: too far from the rate in use, so it is not used until an operator has approved it. `refused`: an operator has refused it; it is not
 * used, and nobody is asked about it again while the source repeats it.
 */
export const RATE_STATES = ['current', 'held', 'refused'] as const;
export type RateState = (typeof RATE_STATES)[number];

/** A stored rate: one unit of `base` is worth `value` units of `quote`. */
export interface ExchangeRate {
  readonly id: bigint;
  readonly source: RateSource;
  readonly base: string;
  readonly quote: string;
  readonly state: RateState;
  /** Whether it was the first of its pair and is still the same number: it was not compared with anything. */
  readonly isFirst: boolean;
  readonly value: Fraction;
  readonly asOf: Date;
  readonly fetchedAt: Date;
  readonly approvedAt: Date | null;
  readonly approvedBy: string | null;
  readonly approvedReason: string | null;
  readonly refusedAt: Date | null;
  readonly refusedBy: string | null;
  readonly refusedReason: string | null;
}
