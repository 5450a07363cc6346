import pRetry from 'p-retry';
import { classifyDatabaseError } from './classify-database-error.ts';
import { type Pool, pingDatabase } from './database.ts';
import { StartError } from './lifecycle.ts';
import { type Logger, maskCredentials } from './logging.ts';

const RETRIES = 10;

/**
 * Waits for the database at start, with growing pauses, for about half a minute.
 * @throws StartError when it stays away, or at once when it answers that we may not come in.
 */
export async function waitForDatabase(
  pool: Pool,
  { databaseUrl, log }: { databaseUrl: string; log: Logger },
): Promise<void> {
  try {
    await pRetry(() => pingDatabase(pool, 5000), {
      retries: RETRIES,
      minTimeout: 200,
      maxTimeout: 5000,
      factor: 2,
      shouldRetry: ({ error }) => {
        const { kind } = classifyDatabaseError(error);
        return kind === 'connection' || kind === 'timeout' || kind === 'not_a_database_error';
      },
      onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
        log.warn({
          event: 'database.not_reachable',
          attempt: attemptNumber,
          attempts_left: retriesLeft,
          error,
        });
      },
    });
  } catch (error) {
    const reason = error instanceof Error && error.message ? error.message : 'no answer';
    throw new StartError(
      `The database ${describe(databaseUrl)} cannot be used: ${maskCredentials(reason)}.`,
      { cause: error },
    );
  }
}

function describe(databaseUrl: string): string {
  try {
    const { host, pathname } = new URL(databaseUrl);
    return `${pathname.slice(1)} on ${host}`;
  } catch {
    return 'in DATABASE_URL';
  }
}
