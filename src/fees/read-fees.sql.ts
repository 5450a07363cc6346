import type { Knex } from '../database/database.ts';
import type { ScheduledFee } from './fee.ts';
import { FEE_COLUMNS, type FeeRow, toFee } from './fee-columns.sql.ts';

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
