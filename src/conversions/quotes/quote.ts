import type { Fraction } from '../../money/fraction.ts';
import type { Percent } from '../../money/percent.ts';
import type { RateSource } from '../rates/rate-provider.ts';
import type { FixedSide } from './price-quote.ts';

/** An offer to a user, with the amounts that are posted if it is taken. A used quote is a conversion. */
export interface Quote {
  readonly id: bigint;
  /** The client's name for it. It cannot be guessed, so whoever has it was given it. */
  readonly token: string;
  readonly userId: bigint;
  /** The wallets between which the money goes, and their currencies. */
  readonly fromWalletId: bigint;
  readonly toWalletId: bigint;
  readonly fromCurrency: string;
  readonly toCurrency: string;
  readonly fixedSide: FixedSide;
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  /** Part of `fromMinor`. */
  readonly spreadMinor: bigint;
  readonly mid: Fraction;
  readonly spread: Percent;
  readonly rateSource: RateSource;
  readonly rateAsOf: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}
