import type { Queryable, Transaction } from '../database/database.ts';

/** Long enough that no worker has to run for a week. */
const DAYS_AHEAD = 7;

/**
 * Makes the tables of the days to come, and moves events that were written before their day had one. Any number of processes may do this at
 * once.
 * @returns how many were made.
 */
export async function keepEventDays(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>('select keep_event_days($1) as count', [
    DAYS_AHEAD,
  ]);
  return rows[0]?.count ?? 0;
}

/**
 * Drops the oldest day that had ended by then, if there is one that all have read.
 * @param readThrough the last event that all have read who must have every event; null where there is nobody.
 * @returns about how many events it held; undefined if there is no such day.
 */
export async function dropEventDay(
  transaction: Transaction,
  { endedBy, readThrough }: { readonly endedBy: Date; readonly readThrough: bigint | null },
): Promise<number | undefined> {
  const { rows } = await transaction.query<{ day: string | null; count: bigint }>(
    'select dropped_day::text as day, dropped_count as count from drop_event_day($1, $2)',
    [endedBy, readThrough],
  );
  const dropped = rows[0];
  return dropped?.day ? Number(dropped.count) : undefined;
}
