import { currencyScale } from './currency.ts';

/** The largest amount one payment or opening balance may carry: 10^13 minor units, 100,000,000,000.00 USD. */
export const MAX_AMOUNT_MINOR = 10n ** 13n;

export type AmountProblem =
  | { readonly kind: 'not-a-decimal' }
  | { readonly kind: 'too-many-decimals'; readonly scale: number }
  | { readonly kind: 'too-large' };

export type ParsedAmount = { readonly kind: 'amount'; readonly amountMinor: bigint } | AmountProblem;

const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Digits of the largest amount. */
const MOST_DIGITS = MAX_AMOUNT_MINOR.toString().length;

/**
 * Parses a decimal amount into minor units, exactly and without floats: "199.99" USD is 19999n. Trailing zeros beyond the currency's scale
 * are accepted ("200.000" is 20000n), other digits are not. The sign is kept; the caller decides whether zero or a negative amount is
 * allowed.
 */
export function parseAmount(text: string, currency: string): ParsedAmount {
  const match = decimal.exec(text);
  if (!match) return { kind: 'not-a-decimal' };
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  const scale = currencyScale(currency);
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return { kind: 'amount', amountMinor: 0n };

  // The value is `digits * 10^shift` minor units.
  const shift = scale - fraction.length + Number(exponentText);
  if (shift > 20 || digits.length + shift > MOST_DIGITS) return { kind: 'too-large' };
  let minorDigits: string;
  if (shift >= 0) {
    minorDigits = digits + '0'.repeat(shift);
  } else {
    const cut = Math.max(0, digits.length + shift);
    if (/[1-9]/.test(digits.slice(cut))) return { kind: 'too-many-decimals', scale };
    minorDigits = digits.slice(0, cut) || '0';
  }
  const amountMinor = BigInt(minorDigits);
  if (amountMinor > MAX_AMOUNT_MINOR) return { kind: 'too-large' };
  return { kind: 'amount', amountMinor: sign === '-' ? -amountMinor : amountMinor };
}

/** Writes minor units as a decimal without needless zeros: 19999n USD is "199.99", 20000n is "200". */
export function formatAmount(amountMinor: bigint, currency: string): string {
  const scale = currencyScale(currency);
  const sign = amountMinor < 0n ? '-' : '';
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/**
 * Minor units as the JSON number an API client reads (19999n USD is 199.99).
 * Exact for every amount of up to 15 significant digits; a larger balance becomes the nearest double, so programs with such balances should
 * read the ledger, not JSON.
 */
export function amountToJson(amountMinor: bigint, currency: string): number {
  return Number(formatAmount(amountMinor, currency));
}
