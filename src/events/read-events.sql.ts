import type { Queryable } from '../database/database.ts';
import type { StoredEvent } from './cloud-event.ts';
import type { EventType } from './event-types.ts';
import type { Opening } from './gate.sql.ts';
import { SERVER_RUN } from './server-run.sql.ts';

export interface EventFilter {
  readonly types?: readonly EventType[] | undefined;
  readonly subject?: string | undefined;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Where the next page begins: after this event, the last one that was looked at. It is committed, so its id is nobody else's. */
  readonly lookedTo: bigint;
  /** Whether there may be more up to where readers may read. */
  readonly hasMore: boolean;
  /** The last event of the days that were dropped; whoever is not beyond it has missed some. */
  readonly droppedThrough: bigint;
}

/** The most events that a page with a filter looks at, so that each costs about the same. */
const MOST_LOOKED_AT = 5000;

type Row = StoredEvent & {
  readonly lookedTo: bigint | null;
  readonly lookedCount: number;
  readonly droppedThrough: bigint;
  readonly serverRun: string;
};

/**
 * Reads the events after one, oldest first, as far as the gate allows. It is a statement of its own, after the look: it sees what the look
 * saw.
 */
export async function readEvents(
  queryable: Queryable,
  {
    after,
    opening,
    limit,
    types,
    subject,
  }: EventFilter & { readonly after: bigint; readonly opening: Opening; readonly limit: number },
): Promise<EventPage> {
  const isFiltered = types !== undefined || subject !== undefined;
  const mostLookedAt = isFiltered ? Math.max(MOST_LOOKED_AT, limit) : limit;
  const { rows } = await queryable.query<Row>({
    name: 'events-read',
    text: `
      select bound.looked_to as "lookedTo", bound.looked_count as "lookedCount", retention.dropped_through as "droppedThrough",
             ${SERVER_RUN} as "serverRun",
             event.id, event.nonce, event.created_at as "createdAt", event.type, event.subject, event.data, event.traceparent
      from (
        select max(id) as looked_to, count(*)::int as looked_count
        from (select id from events where id > $1 and id <= $2 order by id limit $3) as looked_at
      ) as bound
      cross join event_retention as retention
      left join lateral (
        select *
        from events
        where id > $1 and id <= bound.looked_to
          and ($4::text[] is null or type = any ($4::text[]))
          and ($5::text is null or subject = $5)
        order by id
        limit $6
      ) as event on true
      order by event.id`,
    values: [after, opening.upTo, mostLookedAt, types ?? null, subject ?? null, limit],
  });
  const [first] = rows;
  if (!first) throw new Error('the row of event_retention is missing');
  const { droppedThrough } = first;
  // Another server has taken over since the look, which says nothing of it.
  if (first.serverRun !== opening.serverRun)
    return { events: [], lookedTo: after, hasMore: true, droppedThrough };
  const events = rows.filter(({ id }) => id !== null);
  const isFull = events.length === limit;
  return {
    events,
    lookedTo: (isFull ? events.at(-1)?.id : first.lookedTo) ?? after,
    hasMore: isFull || first.lookedCount === mostLookedAt,
    droppedThrough,
  };
}

/** The last event that readers may see now; 0 if there is none. */
export async function readLastId(queryable: Queryable, opening: Opening): Promise<bigint> {
  const { rows } = await queryable.query<{ id: bigint }>({
    name: 'events-read-last',
    text: 'select coalesce((select id from events where id <= $1 order by id desc limit 1), 0) as id',
    values: [opening.upTo],
  });
  return rows[0]?.id ?? 0n;
}
