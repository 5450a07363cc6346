import pg from 'pg';
import { retry } from '../background/retry.ts';
import { describeDatabase } from '../database/sessions/database-address.ts';
import { connectionReason, explainConnection } from '../database/sessions/explain-connection.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { StartError } from '../process/lifecycle.ts';

const RETRIES = 6;
const PAUSES = { baseMs: 250, maxMs: 5000 };

/**
 * Waits about fifteen seconds for a database that is starting.
 * @param signal ends the wait early.
 * @throws StartError with one sentence if the database stays unreachable or refuses us.
 */
export async function connectOrExplain(
  databaseUrl: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const place = describeDatabase(databaseUrl);
  try {
    await retry(() => tryConnection(databaseUrl), {
      retries: RETRIES,
      pauses: PAUSES,
      signal,
      mayHelp: ({ error }) => classifyDatabaseError(error).kind === 'connection',
      onFailed: ({ error, retriesLeft }) => {
        if (retriesLeft === 0) return;
        const tries = retriesLeft === 1 ? '1 try' : `${retriesLeft} tries`;
        say(`The database ${place} does not answer yet: ${connectionReason(error)}. ${tries} left.`);
      },
    });
  } catch (error) {
    throw new StartError(explainConnection(error, databaseUrl), { cause: error });
  }
}

async function tryConnection(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 3000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => {});
  }
}
