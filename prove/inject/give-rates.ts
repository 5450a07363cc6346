import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Pool } from '../../src/database/database.ts';
import { insertRate } from './exchange-rates.sql.ts';

/** Older than the wrongest clock, so that no worker takes it for a moment that is still to come. */
const AGE_MS = 2 * 3_600_000;
/** What one dollar is worth, as fractions, and as a source writes them. */
const RATES = [
  { quote: 'JPY', numerator: 601n, denominator: 4n, written: '150.25' },
  { quote: 'KWD', numerator: 307n, denominator: 1000n, written: '0.307' },
] as const;

/**
 * Lets there be rates from the beginning, which workers would read from a file within minutes only, and writes the file that they will read.
 * @returns where the file is.
 */
export async function giveRates(pool: Pool, folder: string): Promise<string> {
  const asOf = new Date(Date.now() - AGE_MS);
  for (const rate of RATES) await insertRate(pool, { ...rate, source: 'file', base: 'USD', asOf });
  const file = path.join(folder, 'rates.json');
  const rates = Object.fromEntries(RATES.map(({ quote, written }) => [quote, written]));
  writeFileSync(file, JSON.stringify({ base: 'USD', as_of: asOf.toISOString(), rates }));
  chmodSync(file, 0o644);
  return file;
}
