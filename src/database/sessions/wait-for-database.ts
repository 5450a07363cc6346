import { aroundJitter } from '../../background/backoff.ts';
import { retry } from '../../background/retry.ts';
import { StartError } from '../../process/lifecycle.ts';
import type { Logger } from '../../telemetry/logging.ts';
import type { Pool } from '../database.ts';
import { readDatabaseState } from '../database-state.ts';
import { requireModel } from '../model/require-model.ts';
import { classifyDatabaseError } from '../transactions/classify-database-error.ts';
import { explainConnection } from './explain-connection.ts';
import { withPatientSession } from './own-sessions.sql.ts';
import { requireOwnSessions } from './own-sessions.ts';
import { WrongDatabase } from './wrong-database.ts';

const RETRIES = 10;
const PAUSES = { baseMs: 200, maxMs: 5000, jitter: aroundJitter };

/**
 * Waits for the database at start, with growing pauses, for about half a minute.
 * @throws StartError if it stays unreachable, or at once if it denies access, if a pooler shares its sessions, or if it does not have the
 * tables of this version.
 */
export async function waitForDatabase(
  pool: Pool,
  { databaseUrl, log }: { databaseUrl: string; log: Logger },
): Promise<void> {
  try {
    await retry(() => requireUsable(pool, databaseUrl), {
      retries: RETRIES,
      pauses: PAUSES,
      mayHelp: ({ error }) => {
        const { kind, isUnavailable } = classifyDatabaseError(error);
        return (isUnavailable && kind !== 'access_refused') || kind === 'not_a_database_error';
      },
      onFailed({ error, attempt, retriesLeft }) {
        // One that must not be used was reached, and the sentence that ends the process says what it is.
        if (error instanceof WrongDatabase) return;
        log.warn({ event: 'database.not_reachable', attempt, attempts_left: retriesLeft, error });
      },
    });
  } catch (error) {
    if (error instanceof WrongDatabase) throw new StartError(error.message, { cause: error });
    throw new StartError(explainConnection(error, databaseUrl), { cause: error });
  }
}

async function requireUsable(pool: Pool, databaseUrl: string): Promise<void> {
  // First of all: a session of the pool notes things in the tables of the database before it is given to anybody.
  await withPatientSession(databaseUrl, (session) => requireModel(session, databaseUrl));
  // A switchover in progress looks like this, too.
  if ((await readDatabaseState(pool, 5000)) === 'read_only')
    throw new Error('it is read-only, because it is a standby or is fenced off');
  await requireOwnSessions(databaseUrl);
}
