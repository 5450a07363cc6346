import type { Knex, Queryable } from '../database/database.ts';
import type { ScheduledFee } from './fee.ts';
import { FEE_COLUMNS, type FeeRow, toFee } from './fee-columns.sql.ts';

/**
 * The rows that are valid when the statement begins: a fee that was changed before is never used. Sent together with what else a batch
 * reads, and read by the index of ends, so rows that are no longer valid cost nothing.
 */
export async function readValidFees(queryable: Queryable): Promise<ScheduledFee[]> {
  const { rows } = await queryable.query<FeeRow>({
    name: 'fees-read-valid',
    text: `
      select ${FEE_COLUMNS}
      from fee_schedule
      where valid_to > statement_timestamp() and valid_from <= statement_timestamp()`,
  });
  return rows.map(toFee);
}

/**
 * The rows that are, were or will be valid at a moment, by the database's clock; now if none is named. What was withdrawn is not among them.
 * @param at as `parseTimestamp` writes it.
 */
export async function listFeesAt(
  knex: Knex,
  at: string | undefined,
): Promise<{ readonly at: Date; readonly fees: ScheduledFee[] }> {
  const { rows }: { rows: (FeeRow & { readonly moment: Date })[] } = await knex.raw(
    `
    select asked.at as moment, fee.*
    from (select coalesce(:at::timestamptz, now()) as at) as asked
    left join lateral (
      select ${FEE_COLUMNS}
      from fee_schedule
      where valid_from <= asked.at and valid_to > asked.at
    ) as fee on true
    order by fee.kind, fee.currency nulls first`,
    { at: at ?? null },
  );
  const fees = rows.filter(({ id }) => id !== null).map(({ moment: _moment, ...row }) => toFee(row));
  return { at: rows[0]!.moment, fees };
}
