import { occupyServerProcess, readServerProcess, withPlainSession } from './own-sessions.sql.ts';
import { WrongDatabase } from './wrong-database.ts';

export const SHARED_SESSIONS =
  'The database address leads through a pooler that gives each transaction a different server session, so sessions would share settings, prepared statements and locks with others. Use its session mode (PgBouncer: pool_mode = session), or the address of the server itself.';

/**
 * Whether each of our sessions has its own server session, as is the case without a pooler or with one in session mode. In transaction
 * mode, what a session has set (that its commits wait for the disk, how long it waits for locks) would be lost or would affect others.
 *
 * Two sessions find out: a session of our own always has the same server process and never shares it. Behind a transaction pooler, while
 * one session has a transaction open, the other changes its process or gets the same one before or after.
 * @throws an error of the connection.
 */
export async function haveOwnSessions(databaseUrl: string): Promise<boolean> {
  return await withPlainSession(databaseUrl, async (first) => {
    const before = await readServerProcess(first);
    return await withPlainSession(databaseUrl, async (second) => {
      const occupied = await occupyServerProcess(second);
      // If the pooler has only one process, a further query would wait for it.
      if (occupied === undefined || occupied === before) return false;
      return (await readServerProcess(first)) === before;
    });
  });
}

/** @throws WrongDatabase if they are not, with a sentence that says what to change; or an error of the connection. */
export async function requireOwnSessions(databaseUrl: string): Promise<void> {
  if (!(await haveOwnSessions(databaseUrl))) throw new WrongDatabase(SHARED_SESSIONS);
}
