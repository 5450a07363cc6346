import pRetry from 'p-retry';
import pg from 'pg';
import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import { ConfigError } from '../shared/config.ts';
import { StartError } from '../shared/lifecycle.ts';
import { maskCredentials } from '../shared/logging.ts';

const RETRIES = 6;

/**
 * Waits for a database that is starting, about fifteen seconds long.
 * @param signal ends the waiting early.
 * @throws StartError with one sentence when it stays away or does not let us in.
 */
export async function connectOrExplain(
  databaseUrl: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const place = describe(databaseUrl);
  try {
    await pRetry(() => tryConnection(databaseUrl), {
      retries: RETRIES,
      minTimeout: 250,
      maxTimeout: 5000,
      ...(signal && { signal }),
      shouldRetry: ({ error }) => classifyDatabaseError(error).kind === 'connection',
      onFailedAttempt: ({ retriesLeft }) => {
        if (retriesLeft > 0) say(`The database ${place} does not answer yet.`);
      },
    });
  } catch (error) {
    const reason = error instanceof AggregateError ? error.errors[0]?.message : (error as Error).message;
    throw new StartError(
      `The database ${place} cannot be used: ${maskCredentials(String(reason))}. Check DATABASE_URL.`,
      {
        cause: error,
      },
    );
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

function describe(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) throw new ConfigError('DATABASE_URL is not a valid address.');
  const { host, pathname } = new URL(databaseUrl);
  return `${pathname.slice(1)} on ${host}`;
}
