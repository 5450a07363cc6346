import { ExactNumber } from '../../money/exact-number.ts';
import { type Fraction, parseFraction } from '../../money/fraction.ts';

/** The limits of numerator and denominator, and of the rate and its inverse. */
const MOST_TERM = 10n ** 18n;
const MOST_VALUE = 10n ** 15n;

/** Reads a rate exactly, as a source writes it: a number, or a decimal as text. Otherwise returns what is wrong with it. */
export function checkRate(written: unknown): Fraction | string {
  const isNumber = typeof written === 'number' || written instanceof ExactNumber;
  if (!isNumber && typeof written !== 'string') return 'is not a number';
  const value = parseFraction(String(written));
  if (!value) return 'is not a decimal number above 0';
  const { numerator, denominator } = value;
  if (numerator === 0n) return 'is 0';
  if (numerator > MOST_VALUE * denominator || denominator > MOST_VALUE * numerator)
    return 'is too large or too small';
  if (numerator > MOST_TERM || denominator > MOST_TERM) return 'has too many digits';
  return value;
}
