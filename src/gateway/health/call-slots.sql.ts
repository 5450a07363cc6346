import type { Queryable } from '../../database/database.ts';

/** Evenly spaced times at which calls to one gateway may start. */
export interface ReservedSlots {
  /** The time of the first slot, in milliseconds from now by the database's clock. */
  readonly startsInMs: number;
  /** Where they end, as the database writes it. */
  readonly end: string;
}

interface SlotRow {
  readonly gateway: string;
  readonly count: number;
  readonly callsPerSecond: number;
}

/**
 * Reserves `count` slots for calls to a gateway, and moves its next free slot behind them. undefined if slots are already reserved for more
 * than `horizonMs` ahead. The clock is read before the row is locked, and never moves the next free slot back. So workers that waited for
 * each other still get separate slots; the start of later ones is relative to when the answer is given, and may be in the past. A slot an
 * hour ahead was reserved before the clock was set back, and is ignored.
 */
export async function reserveCallSlots(
  queryable: Queryable,
  { gateway, count, callsPerSecond, horizonMs }: SlotRow & { readonly horizonMs: number },
): Promise<ReservedSlots | undefined> {
  const { rows } = await queryable.query<ReservedSlots>({
    name: 'gateway-reserve-call-slots',
    text: `
      with reserved as (
        insert into gateway_call_slots as slots (gateway, next_call_at)
        values ($1, clock_timestamp() + $2::float8 * interval '1 second')
        on conflict (gateway) do update
        set next_call_at = case
          when slots.next_call_at > excluded.next_call_at + interval '1 hour' then excluded.next_call_at
          else greatest(slots.next_call_at + $2::float8 * interval '1 second', excluded.next_call_at)
        end
        where slots.next_call_at
              <= excluded.next_call_at - $2::float8 * interval '1 second' + $3::float8 * interval '1 millisecond'
          or slots.next_call_at > excluded.next_call_at + interval '1 hour'
        returning next_call_at
      )
      select next_call_at::text as "end",
             (extract(epoch from next_call_at - clock_timestamp()) * 1000)::float8 - $2::float8 * 1000 as "startsInMs"
      from reserved`,
    values: [gateway, count / callsPerSecond, horizonMs],
  });
  return rows[0];
}

/** Gives back the last `count` slots before `end`, unless somebody has reserved later ones. */
export async function returnCallSlots(
  queryable: Queryable,
  { gateway, count, callsPerSecond, end }: SlotRow & Pick<ReservedSlots, 'end'>,
): Promise<void> {
  await queryable.query({
    name: 'gateway-return-call-slots',
    text: `
      update gateway_call_slots
      set next_call_at = next_call_at - $2::float8 * interval '1 second'
      where gateway = $1 and next_call_at = $3::timestamptz`,
    values: [gateway, count / callsPerSecond, end],
  });
}
