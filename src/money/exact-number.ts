/** A JSON number that a double cannot represent exactly, kept as it was written. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  /** The original literal. */
  toString(): string {
    return this.text;
  }
}

/** Every decimal of up to 15 significant digits survives conversion to a double and back (IEEE 754 binary64). */
const EXACT_DIGITS = 15;

/**
 * A reviver for JSON.parse that keeps numbers exact: 199.990000000000001 must not become 199.99, nor 1e400 Infinity.
 * It relies on the source text that JSON.parse hands to revivers.
 */
export function keepNumbersExact(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== 'number') return value;
  // Trailing zeros of a fraction mean nothing: 1.000000000000000000 is 1.
  const written = context?.source ?? String(value);
  const source = written.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  if (source.length <= EXACT_DIGITS && !/[eE]/.test(source)) return value;
  if (Number.isSafeInteger(value) && String(value) === source) return value;
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  return Number.isFinite(value) && digits.length <= EXACT_DIGITS && (value !== 0 || digits === '')
    ? value
    : new ExactNumber(written);
}
