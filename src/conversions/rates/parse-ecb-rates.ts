import { readEach } from './parse-rates.ts';
import type { GivenRates } from './rate-provider.ts';
import { readDay } from './rate-time.ts';

const DAY = /<Cube\s+time=(["'])([0-9-]{10})\1\s*>/g;
const RATE = /<Cube\s+currency=(["'])([A-Z]{3})\1\s+rate=(["'])([^"'<>]{1,40})\3\s*\/>/g;

/**
 * Reads the daily file of the European Central Bank: one day, and what one euro was worth on it. It looks only at `Cube` elements, and never
 * resolves XML entities or references. Pure.
 * @returns what is wrong, if none of it can be used.
 */
export function parseEcbRates(text: string, { now }: { readonly now: Date }): GivenRates | string {
  const days = [...text.matchAll(DAY)];
  if (days.length !== 1) return `it names ${days.length} days instead of one`;
  const asOf = readDay(days[0]?.[2], now);
  if (typeof asOf === 'string') return `\`time\` ${asOf}`;
  const entries = [...text.matchAll(RATE)].map((match) => [match[2] ?? '', match[4]] as const);
  if (new Set(entries.map(([quote]) => quote)).size !== entries.length) return 'it names a currency twice';
  if (entries.length === 0) return 'it has no rates';
  return { base: 'EUR', asOf, ...readEach('EUR', entries) };
}
