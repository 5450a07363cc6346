import type { Pool } from '../database/database.ts';
import { createEventGate } from './gate.sql.ts';
import { type EventFilter, type EventPage, readEvents, readLastId } from './read-events.sql.ts';
import { watchEvents } from './watch-events.ts';

export interface FeedQuery extends EventFilter {
  /** `latest`: only what comes from now on. */
  readonly after: bigint | 'latest';
  readonly limit: number;
}

export interface WaitForEvents {
  /** How long to wait for an event if there is none; 0 waits for nothing. */
  readonly forMs: number;
  readonly signal: AbortSignal;
}

export interface EventFeed {
  /**
   * Reads a page of events, oldest first. If there is none yet, it waits for one; a wait holds no connection.
   * @throws a database error.
   */
  read(query: FeedQuery, wait: WaitForEvents): Promise<EventPage>;
  /** Fires when the feed stops: then nobody waits any more. */
  readonly stopping: AbortSignal;
  /** Ends all waits, and any that begins later. */
  stop(): Promise<void>;
}

/** The feed of one process: all its readers share one look at the gate. */
export function createEventFeed({
  pool,
  onError,
}: {
  readonly pool: Pool;
  readonly onError: (error: unknown) => void;
}): EventFeed {
  const watch = watchEvents({ gate: createEventGate(pool), onError });
  const stopping = new AbortController();
  return {
    async read({ after: from, ...query }, { forMs, signal }) {
      const untilMs = performance.now() + forMs;
      let opening = await watch.reach();
      let after = from === 'latest' ? await readLastId(pool, opening) : from;
      for (;;) {
        const page = await readEvents(pool, { ...query, after, opening });
        const leftMs = untilMs - performance.now();
        if (page.events.length > 0 || leftMs <= 0 || signal.aborted) return page;
        after = page.lookedTo;
        if (page.hasMore) continue;
        const further = await watch.waitBeyond(opening, { forMs: leftMs, signal });
        if (!further) return page;
        opening = further;
      }
    },
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      await watch.stop();
    },
  };
}
