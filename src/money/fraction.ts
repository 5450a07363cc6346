/** An exact positive number: no float takes part in a rate. The denominator is never 0. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const DECIMAL = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Reads a decimal that is not negative, as JSON writes it, exactly; `undefined` if the text is anything else. */
export function parseFraction(text: string): Fraction | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  return shift >= 0
    ? { numerator: digits * 10n ** BigInt(shift), denominator: 1n }
    : reduce({ numerator: digits, denominator: 10n ** BigInt(-shift) });
}

/** The same number in the smallest terms. */
export function reduce({ numerator, denominator }: Fraction): Fraction {
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? { numerator, denominator } : { numerator: numerator / a, denominator: denominator / a };
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return reduce({
    numerator: a.numerator * b.numerator,
    denominator: a.denominator * b.denominator,
  });
}

/** 1 / value, which must not be 0. */
export function invert({ numerator, denominator }: Fraction): Fraction {
  return { numerator: denominator, denominator: numerator };
}

/** Whether the two are the same number, in whatever terms. */
export function isSameFraction(a: Fraction, b: Fraction): boolean {
  return a.numerator * b.denominator === b.numerator * a.denominator;
}

export function floorOf({ numerator, denominator }: Fraction): bigint {
  return numerator / denominator;
}

export function ceilingOf({ numerator, denominator }: Fraction): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/**
 * Writes a fraction as a decimal, cut off (never rounded up) behind this many digits that count; without needless zeros. A decimal that
 * ends before is exact.
 */
export function formatFraction(value: Fraction, digits: number): string {
  const { numerator, denominator } = reduce(value);
  const whole = numerator / denominator;
  const wholeText = whole.toString();
  let places = whole > 0n ? Math.max(0, digits - wholeText.length) : digits;
  // Zeros behind the point of a small number do not count.
  for (let next = numerator * 10n; whole === 0n && next !== 0n && next < denominator; next *= 10n)
    places += 1;
  const scaled = ((numerator % denominator) * 10n ** BigInt(places)) / denominator;
  const fraction = scaled.toString().padStart(places, '0').replace(/0+$/, '');
  return places === 0 || fraction === '' ? wholeText : `${wholeText}.${fraction}`;
}
