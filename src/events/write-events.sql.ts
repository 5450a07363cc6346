import type { Transaction } from '../database/database.ts';
import type { NewEvent } from './new-event.ts';

/**
 * Writes events, in the order in which they are given. It is sent after the statements that lock what the events speak of, because their ids
 * are drawn here: the ids of a subject must be in the order of what happened to it. Send it together with others, so that it costs no round
 * trip.
 */
export async function writeEvents(transaction: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await transaction.query({
    name: 'events-write',
    text: `
      insert into events (type, subject, data, traceparent)
      select *
      from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
    values: [
      events.map(({ type }) => type),
      events.map(({ subject }) => subject),
      events.map(({ data }) => data),
      events.map(({ traceparent }) => traceparent),
    ],
  });
}
