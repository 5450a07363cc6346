import type { Queryable } from '../database/database.ts';
import type { StoredEvent } from './cloud-event.ts';
import type { EventType } from './event-types.ts';
import { BEGINNING, type FeedPlace } from './feed-place.ts';
import type { Opening } from './gate.sql.ts';
import { SERVER_RUN } from './server-run.sql.ts';

export interface EventFilter {
  readonly types?: readonly EventType[] | undefined;
  readonly subject?: string | undefined;
}

export interface AskedPage extends EventFilter {
  readonly after: FeedPlace;
  readonly opening: Opening;
  readonly limit: number;
}

/**
 * Whether a reader who comes with a cursor has missed events that no page can bring: they were dropped by their retention; or the event of
 * the cursor itself is not there, because the ledger was restored from a backup, or a standby that lacked its end has taken over.
 */
export type Missed = 'nothing' | 'dropped' | 'lost';

export interface EventPage {
  /** Empty if something was missed. */
  readonly events: readonly StoredEvent[];
  /** Where the next page begins: after the last event that was looked at. */
  readonly lookedTo: FeedPlace;
  /** Whether there may be more up to where readers may read. */
  readonly hasMore: boolean;
  readonly missed: Missed;
  /** Another server has taken over since the look, which says nothing of it: the page is empty. */
  readonly isOfAnotherRun: boolean;
}

/** The most events that a page with a filter looks at, so that each costs about the same. */
const MOST_LOOKED_AT = 5000;

type Row = StoredEvent & {
  readonly lookedToId: bigint | null;
  readonly lookedToNonce: number | null;
  readonly lookedCount: number;
  readonly isThere: boolean;
  readonly droppedThrough: bigint;
  readonly serverRun: string;
};

/**
 * Reads the events after one, oldest first, as far as the gate allows. It is a statement of its own, after the look: it sees what the look
 * saw.
 */
export async function readEvents(
  queryable: Queryable,
  { after, opening, limit, types, subject }: AskedPage,
): Promise<EventPage> {
  const isFiltered = types !== undefined || subject !== undefined;
  const mostLookedAt = isFiltered ? Math.max(MOST_LOOKED_AT, limit) : limit;
  const { rows } = await queryable.query<Row>({
    name: 'events-read',
    text: `
      select bound.looked_to[1] as "lookedToId", bound.looked_to[2]::int as "lookedToNonce", bound.looked_count as "lookedCount",
             exists (select 1 from events where id = $1 and nonce = $7) as "isThere",
             retention.dropped_through as "droppedThrough", ${SERVER_RUN} as "serverRun",
             event.id, event.nonce, event.created_at as "createdAt", event.type, event.subject, event.data, event.traceparent
      from (
        -- A day that was dropped may have had a few events whose ids are among those of the next day. Whoever begins with the oldest begins
        -- after them: a cursor between them would be one of something that was dropped.
        select dropped_through, case when $1::bigint = 0 then dropped_through else $1::bigint end as begins_after
        from event_retention
      ) as retention
      cross join lateral (
        select max(array[id, nonce]) as looked_to, count(*)::int as looked_count
        from (
          select id, nonce from events where id > retention.begins_after and id <= $2 order by id limit $3
        ) as looked_at
      ) as bound
      left join lateral (
        select *
        from events
        where id > retention.begins_after and id <= bound.looked_to[1]
          and ($4::text[] is null or type = any ($4::text[]))
          and ($5::text is null or subject = $5)
        order by id
        limit $6
      ) as event on true
      order by event.id`,
    values: [after.id, opening.upTo, mostLookedAt, types ?? null, subject ?? null, limit, after.nonce],
  });
  const [first] = rows;
  if (!first) throw new Error('the row of event_retention is missing');
  const missed = decideMissed(after, first);
  const isOfAnotherRun = first.serverRun !== opening.serverRun;
  if (missed !== 'nothing' || isOfAnotherRun)
    return { events: [], lookedTo: after, hasMore: true, missed, isOfAnotherRun };
  const events = rows.filter(({ id }) => id !== null);
  const isFull = events.length === limit;
  return {
    events,
    lookedTo: (isFull ? events.at(-1) : lastLookedAt(first)) ?? after,
    hasMore: isFull || first.lookedCount === mostLookedAt,
    missed,
    isOfAnotherRun,
  };
}

function decideMissed(
  after: FeedPlace,
  { isThere, droppedThrough }: Pick<Row, 'isThere' | 'droppedThrough'>,
): Missed {
  if (after.id === BEGINNING.id) return 'nothing';
  if (after.id < droppedThrough) return 'dropped';
  return isThere || after.id === droppedThrough ? 'nothing' : 'lost';
}

function lastLookedAt({ lookedToId, lookedToNonce }: Row): FeedPlace | undefined {
  return lookedToId === null || lookedToNonce === null ? undefined : { id: lookedToId, nonce: lookedToNonce };
}

/** The last event that readers may see now. */
export async function readLastPlace(queryable: Queryable, opening: Opening): Promise<FeedPlace> {
  const { rows } = await queryable.query<FeedPlace>({
    name: 'events-read-last',
    text: 'select id, nonce from events where id <= $1 order by id desc limit 1',
    values: [opening.upTo],
  });
  return rows[0] ?? BEGINNING;
}
