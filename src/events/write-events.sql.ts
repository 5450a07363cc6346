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
      -- Data is full of quotes, which arrays would have to escape one by one; and it has no line breaks.
      from unnest($1::text[], $2::text[], string_to_array($3, chr(10)), $4::text[])`,
    values: [
      events.map(({ type }) => type),
      events.map(({ subject }) => subject),
      events.map(({ data }) => data).join('\n'),
      events.map(({ traceparent }) => traceparent),
    ],
  });
}
