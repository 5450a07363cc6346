import type { Queryable } from '../database/database.ts';
import { type AskedPage, type EventPage, readEvents } from './read-events.sql.ts';

/**
 * Reads pages for many readers. Those who are at the same place at the same time and ask for the same get one page: of the readers who wait
 * for what comes next these are most, and they all ask at once when it has come.
 */
export function sharePages(queryable: Queryable): (asked: AskedPage) => Promise<EventPage> {
  const running = new Map<string, Promise<EventPage>>();
  return (asked) => {
    const name = nameOf(asked);
    const shared = running.get(name);
    if (shared) return shared;
    const page = readEvents(queryable, asked).finally(() => running.delete(name));
    running.set(name, page);
    return page;
  };
}

function nameOf({ after, opening, limit, types, subject }: AskedPage): string {
  const { upTo, serverRun } = opening;
  return JSON.stringify([`${after.id} ${after.nonce} ${upTo}`, serverRun, limit, types, subject]);
}
