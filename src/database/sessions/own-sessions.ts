import { occupyServerProcess, readServerProcess, withPlainSession } from './own-sessions.sql.ts';
import { WrongDatabase } from './wrong-database.ts';

export const SHARED_SESSIONS =
  'The address of the database leads through a pooler that gives each transaction another session of the server. Use its session mode (PgBouncer: pool_mode = session) or the address of the server itself: settings, prepared statements and locks of a session would be those of others.';

/**
 * Whether our sessions are the server's, as they are without a pooler and behind one that works by session. One that works by transaction
 * lets what a session has set (that its commits wait for the disk, how long it waits for locks) be lost or reach others.
 *
 * Two sessions find out. While one has a transaction open, the other is given the same process of the server before or after, or two
 * different ones; a session of one's own stays with its process and shares it with nobody.
 * @throws an error of the connection.
 */
export async function haveOwnSessions(databaseUrl: string): Promise<boolean> {
  return await withPlainSession(databaseUrl, async (first) => {
    const before = await readServerProcess(first);
    return await withPlainSession(databaseUrl, async (second) => {
      const occupied = await occupyServerProcess(second);
      // Where the pooler has one process for all, asking once more would wait for it.
      if (occupied === undefined || occupied === before) return false;
      return (await readServerProcess(first)) === before;
    });
  });
}

/** @throws WrongDatabase when they are not, with a sentence that says what to change; or an error of the connection. */
export async function requireOwnSessions(databaseUrl: string): Promise<void> {
  if (!(await haveOwnSessions(databaseUrl))) throw new WrongDatabase(SHARED_SESSIONS);
}
