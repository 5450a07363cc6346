import type { Queryable } from '../../database/database.ts';

export interface SeenClock {
  readonly databaseMs: number;
  /** How long ago any worker last read the clock; negative if the clock was set back since. */
  readonly seenAgoMs: number;
  /** null: always. */
  readonly steadyForMs: number | null;
  readonly changeCount: bigint;
}

export async function selectClock(queryable: Queryable): Promise<SeenClock> {
  const { rows } = await queryable.query<SeenClock>({
    name: 'payments-select-clock',
    text: `
      select (extract(epoch from reading.at) * 1000)::float8 as "databaseMs",
             (extract(epoch from reading.at - seen_at) * 1000)::float8 as "seenAgoMs",
             case when isfinite(steady_since) then (extract(epoch from reading.at - steady_since) * 1000)::float8 end as "steadyForMs",
             change_count as "changeCount"
      from steady_clock, clock_timestamp() as reading (at)`,
  });
  return rows[0] as SeenClock;
}

/** Records a reading of the clock. A later reading by another worker stands. */
export async function noteSeen(queryable: Queryable, databaseMs: number): Promise<void> {
  await queryable.query({
    name: 'payments-note-clock-seen',
    text: 'update steady_clock set seen_at = greatest(seen_at, to_timestamp($1::float8 / 1000))',
    values: [databaseMs],
  });
}

/** From now on the clock must prove again that it runs steadily. */
export async function noteChange(queryable: Queryable): Promise<bigint> {
  const { rows } = await queryable.query<{ changeCount: bigint }>({
    name: 'payments-note-clock-change',
    text: `
      update steady_clock
      set seen_at = clock_timestamp(), steady_since = clock_timestamp(), change_count = change_count + 1
      returning change_count as "changeCount"`,
  });
  return (rows[0] as { changeCount: bigint }).changeCount;
}
