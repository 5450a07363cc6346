import type { Queryable } from '../../database/database.ts';

/**
 * No order in these: rows are locked without waiting, and an order by the key would let a plan walk all of a table for nothing.
 */

/** Makes questions due that lie further ahead than any pause that is given: it was written before the clock was set back. */
export async function bringInquiriesForward(
  queryable: Queryable,
  { mostMs, limit }: { readonly mostMs: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await queryable.query({
    name: 'payments-bring-inquiries-forward',
    text: `
      with ahead as materialized (
        select payment_id
        from payment_inquiries
        where next_ask_at > now() + $1 * interval '1 millisecond'
        limit $2
        for update skip locked
      )
      update payment_inquiries as inquiry
      set next_ask_at = now(), opened_at = least(opened_at, now())
      from ahead
      where inquiry.payment_id = ahead.payment_id`,
    values: [mostMs, limit],
  });
  return rowCount ?? 0;
}

/** The same for callbacks whose processing is to be tried again. */
export async function bringEventsForward(
  queryable: Queryable,
  { mostMs, limit }: { readonly mostMs: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await queryable.query({
    name: 'payments-bring-events-forward',
    text: `
      with ahead as materialized (
        select event_id
        from gateway_events
        where processed_at is null and next_try_at > now() + $1 * interval '1 millisecond'
        limit $2
        for update skip locked
      )
      update gateway_events as event
      set next_try_at = now()
      from ahead
      where event.event_id = ahead.event_id`,
    values: [mostMs, limit],
  });
  return rowCount ?? 0;
}

/** The same for the next slice of a redrive of many. */
export async function bringRedrivesForward(
  queryable: Queryable,
  { mostMs }: { readonly mostMs: number },
): Promise<number> {
  const { rowCount } = await queryable.query({
    name: 'payments-bring-redrives-forward',
    text: `
      update bulk_redrives
      set next_slice_at = now()
      where state = 'running' and next_slice_at > now() + $1 * interval '1 millisecond'`,
    values: [mostMs],
  });
  return rowCount ?? 0;
}
