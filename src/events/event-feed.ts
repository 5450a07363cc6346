import type { Pool } from '../database/database.ts';
import type { FeedPlace } from './feed-place.ts';
import { createEventGate, type Opening } from './gate.sql.ts';
import { type EventFilter, type EventPage, readLastPlace } from './read-events.sql.ts';
import { sharePages } from './share-pages.ts';
import { watchEvents } from './watch-events.ts';

export interface FeedQuery extends EventFilter {
  /** `latest`: only what comes from now on. */
  readonly after: FeedPlace | 'latest';
  readonly limit: number;
}

export interface WaitForEvents {
  /** How long to wait for an event if there is none; 0 waits for nothing. */
  readonly forMs: number;
  readonly signal: AbortSignal;
}

/**
 * Nobody knows which event is the latest: a transaction that writes has been open since before this process first looked. To take the
 * beginning for it would tell a reader everything that it has not asked for, and to take what is visible could leave something out.
 */
export class LatestNotKnown extends Error {
  override readonly name = 'LatestNotKnown';
}

export interface EventFeed {
  /**
   * Reads a page of events, oldest first. If there is none yet, it waits for one; a wait holds no connection.
   * @throws LatestNotKnown, or a database error.
   */
  read(query: FeedQuery, wait: WaitForEvents): Promise<EventPage>;
  /** Fires when the feed stops: then nobody waits any more. */
  readonly stopping: AbortSignal;
  /** Ends all waits, and any that begins later. */
  stop(): Promise<void>;
}

/** The feed of one process: all its readers share one look at the gate, and pages where they can. */
export function createEventFeed({
  pool,
  onError,
}: {
  readonly pool: Pool;
  readonly onError: (error: unknown) => void;
}): EventFeed {
  const watch = watchEvents({ gate: createEventGate(pool), onError });
  const readPage = sharePages(pool);
  const stopping = new AbortController();
  return {
    async read({ after: from, ...query }, { forMs, signal }) {
      const untilMs = performance.now() + forMs;
      let opening = await watch.reach();
      if (from === 'latest' && !isKnown(opening)) {
        const further = await watch.waitBeyond(opening, { forMs, signal });
        if (!further) throw new LatestNotKnown('a transaction that writes has been open for too long');
        opening = further;
      }
      let after = from === 'latest' ? await readLastPlace(pool, opening) : from;
      for (;;) {
        const page = await readPage({ ...query, after, opening });
        const leftMs = untilMs - performance.now();
        const isAnswer = page.events.length > 0 || page.missed !== 'nothing';
        if (isAnswer || leftMs <= 0 || signal.aborted || stopping.signal.aborted) return page;
        after = page.lookedTo;
        if (page.isOfAnotherRun) opening = await watch.reach();
        else if (!page.hasMore) {
          const further = await watch.waitBeyond(opening, { forMs: leftMs, signal });
          if (!further) return page;
          opening = further;
        }
      }
    },
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      await watch.stop();
    },
  };
}

/** Whether anything is known of this run of the server, or there is nothing to know. */
function isKnown({ upTo, handedOut }: Opening): boolean {
  return upTo > 0n || handedOut === 0n;
}
