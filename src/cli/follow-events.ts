import { sleep } from '../background/sleep.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { type EventFeed, type FeedQuery, LatestNotKnown } from '../events/event-feed.ts';
import type { FeedPlace } from '../events/feed-place.ts';
import type { EventPage } from '../events/read-events.sql.ts';

const WAIT_MS = 10_000;
const PAUSE_MS = 1000;

/** Why there is nothing more to follow; `not_known`: nobody can say which event is the latest. */
export type Ending = 'done' | 'interrupted' | 'not_known' | Exclude<EventPage['missed'], 'nothing'>;

export interface FollowOptions {
  /** Ends when all that has happened was read. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  readonly onPage: (page: EventPage) => void;
  /** The database gives no answer, and is asked again. */
  readonly onAway: (error: unknown) => void;
}

/**
 * Reads events as they happen, page by page. Once it has begun, it goes on when a database that was away is back.
 * @throws a database error if it could not begin.
 */
export async function followEvents(
  feed: EventFeed,
  { after: from, ...query }: FeedQuery,
  { once, signal, onPage, onAway }: FollowOptions,
): Promise<Ending> {
  let place: FeedPlace | undefined;
  while (!signal.aborted) {
    try {
      const after = place ?? from;
      const page = await feed.read({ ...query, after }, { forMs: once ? 0 : WAIT_MS, signal });
      if (page.missed !== 'nothing') return page.missed;
      onPage(page);
      place = page.lookedTo;
      if (once && !page.hasMore) return 'done';
    } catch (error) {
      if (error instanceof LatestNotKnown) return signal.aborted ? 'interrupted' : 'not_known';
      if (once || !place || !classifyDatabaseError(error).isUnavailable) throw error;
      onAway(error);
      await sleep(PAUSE_MS, { signal });
    }
  }
  return 'interrupted';
}
