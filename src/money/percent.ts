import { formatFraction } from './fraction.ts';

/** An exact percentage: `numerator / denominator` of the whole, so 2 % is `2 / 100` and 1.75 % is `175 / 10000`. */
export interface Percent {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** More than a percentage can have. */
const MOST_DIGITS = 20;

/** Reads a decimal percentage from 0 to below 100 ("2", "1.75"); `undefined` if the text is anything else. */
export function parsePercent(text: string): Percent | undefined {
  const match = /^(\d{1,2})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  return { numerator: BigInt(whole + fraction), denominator: 100n * 10n ** BigInt(fraction.length) };
}

/** Writes a percentage as a decimal without needless zeros: `175 / 10000` is "1.75". */
export function formatPercent({ numerator, denominator }: Percent): string {
  return formatFraction({ numerator: numerator * 100n, denominator }, MOST_DIGITS);
}
