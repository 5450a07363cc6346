import { currencyScale } from '../../money/currency.ts';
import { MAX_AMOUNT_MINOR } from '../../money/decimal-amount.ts';
import { ceilingOf, type Fraction, floorOf, invert, multiply } from '../../money/fraction.ts';
import type { Percent } from '../../money/percent.ts';

/** Which amount the user names: what is given, or what is got. The other one is computed. */
export type FixedSide = 'from' | 'to';

export interface QuoteTerms {
  readonly fromCurrency: string;
  readonly toCurrency: string;
  readonly fixedSide: FixedSide;
  readonly amountMinor: bigint;
  /** What one unit of `fromCurrency` is worth in `toCurrency`. */
  readonly mid: Fraction;
  readonly spread: Percent;
}

/** Amounts as they are posted if the quote is taken. */
export interface PricedQuote {
  readonly kind: 'priced';
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  /** The part of `fromMinor` that is the house's for converting. */
  readonly spreadMinor: bigint;
}

export type Pricing = PricedQuote | { readonly kind: 'too_small' } | { readonly kind: 'too_large' };

/**
 * Computes the other amount of a conversion, exactly, and rounds it once: what is got down, what is given up. So neither a single conversion
 * nor a round trip gains anything. Pure.
 */
export function priceQuote(terms: QuoteTerms): Pricing {
  const { fixedSide, amountMinor, spread } = terms;
  const rate = minorRateOf(terms);
  const amount = { numerator: amountMinor, denominator: 1n };
  const [fromMinor, toMinor] =
    fixedSide === 'from'
      ? [amountMinor, floorOf(multiply(amount, rate))]
      : [ceilingOf(multiply(amount, invert(rate))), amountMinor];
  if (toMinor === 0n) return { kind: 'too_small' };
  if (fromMinor > MAX_AMOUNT_MINOR || toMinor > MAX_AMOUNT_MINOR) return { kind: 'too_large' };
  // Shown and posted apart from the rest of what is given; it changes no amount.
  return {
    kind: 'priced',
    fromMinor,
    toMinor,
    spreadMinor: (fromMinor * spread.numerator) / spread.denominator,
  };
}

/** What one unit of a currency gets, after the spread. */
export function dealtRateOf({ mid, spread }: Pick<QuoteTerms, 'mid' | 'spread'>): Fraction {
  const kept = { numerator: spread.denominator - spread.numerator, denominator: spread.denominator };
  return multiply(mid, kept);
}

/** The same for one minor unit, in minor units. */
function minorRateOf(terms: QuoteTerms): Fraction {
  const unit = {
    numerator: 10n ** BigInt(currencyScale(terms.toCurrency)),
    denominator: 10n ** BigInt(currencyScale(terms.fromCurrency)),
  };
  return multiply(dealtRateOf(terms), unit);
}
