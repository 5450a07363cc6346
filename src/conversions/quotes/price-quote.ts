import { currencyScale } from '../../money/currency.ts';
import { MAX_AMOUNT_MINOR } from '../../money/decimal-amount.ts';
import { ceilingOf, type Fraction, floorOf, invert, multiply } from '../../money/fraction.ts';
import type { Percent } from '../../money/percent.ts';

/** The amount that the user names: what the user gives, or what the user gets. The other one is computed. */
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

/** The amounts that are posted if the quote is taken. */
export interface PricedQuote {
  readonly kind: 'priced';
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  /** The part of `fromMinor` that the house keeps for converting. */
  readonly spreadMinor: bigint;
}

export type Pricing = PricedQuote | { readonly kind: 'too_small' } | { readonly kind: 'too_large' };

/**
 * Computes the other amount of a conversion exactly and rounds it once, in favour of the house: down if the user gets it, up if the user gives it.
 * So neither a single conversion nor a round trip gains anything. Pure.
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
  // Shown and posted separately; it changes neither amount.
  return {
    kind: 'priced',
    fromMinor,
    toMinor,
    spreadMinor: (fromMinor * spread.numerator) / spread.denominator,
  };
}

/** What one unit of `fromCurrency` gets, after the spread. */
export function dealtRateOf({ mid, spread }: Pick<QuoteTerms, 'mid' | 'spread'>): Fraction {
  const kept = { numerator: spread.denominator - spread.numerator, denominator: spread.denominator };
  return multiply(mid, kept);
}

/** The same rate between minor units. */
function minorRateOf(terms: QuoteTerms): Fraction {
  const unit = {
    numerator: 10n ** BigInt(currencyScale(terms.toCurrency)),
    denominator: 10n ** BigInt(currencyScale(terms.fromCurrency)),
  };
  return multiply(dealtRateOf(terms), unit);
}
