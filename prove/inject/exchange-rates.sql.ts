import type { Pool } from '../../src/database/database.ts';

/** Lets a rate count that nobody has read from its source yet. */
export async function insertRate(
  pool: Pool,
  rate: {
    readonly source: string;
    readonly base: string;
    readonly quote: string;
    readonly numerator: bigint;
    readonly denominator: bigint;
    readonly asOf: Date;
  },
): Promise<void> {
  await pool.query(
    `insert into exchange_rates (source, base, quote, state, numerator, denominator, as_of)
     values ($1, $2, $3, 'current', $4, $5, $6)`,
    [rate.source, rate.base, rate.quote, rate.numerator, rate.denominator, rate.asOf],
  );
}
