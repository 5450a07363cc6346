import { createKnex, createPool, type Knex, type Pool } from '../database/database.ts';
import { requireModel } from '../database/model/require-model.ts';
import { requireOwnSessions } from '../database/sessions/own-sessions.ts';
import { requireFrozenScales } from '../ledger/scales/frozen-scales.ts';
import { findRunningPostgres } from '../local/postgres/find-running-postgres.ts';
import { findRunningStack } from '../local/running-stack.ts';
import { type Config, ConfigError } from '../process/settings/config.ts';
import { createLogger, type Logger } from '../telemetry/logging.ts';
import { DATA_FOLDER, loadSettings } from './load-settings.ts';

/** One person needs few connections, and must not take any from the processes that move money. */
const CONNECTIONS = 2;

export interface Session {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly knex: Knex;
  /** Commands log on stderr the same events that the API would log. */
  readonly log: Logger;
}

/**
 * The database that commands use: DATABASE_URL, or the embedded one that `npm start` runs in this folder.
 * @throws ConfigError if there is neither.
 */
export function findDatabase(config: Config): { readonly databaseUrl: string; readonly isEmbedded: boolean } {
  if (config.database.url) return { databaseUrl: config.database.url, isEmbedded: false };
  const databaseUrl = findRunningPostgres(DATA_FOLDER);
  if (databaseUrl) return { databaseUrl, isEmbedded: true };
  const stack = findRunningStack(DATA_FOLDER);
  if (stack && !stack.isDatabaseEmbedded)
    throw new ConfigError(
      `The stack in this folder uses the database ${stack.database}. Set DATABASE_URL as it was set for npm start.`,
    );
  throw new ConfigError(
    'DATABASE_URL is not set, and no stack is running in this folder. Set DATABASE_URL, or start a stack with: npm start',
  );
}

/**
 * The same database, as the owner of its tables: for migrations, and for commands that change rows that the running role may only insert.
 * @throws ConfigError like findDatabase.
 */
export function findOwnedDatabase(config: Config): string {
  const { databaseUrl, isEmbedded } = findDatabase(config);
  return isEmbedded ? databaseUrl : (config.database.migrationUrl ?? databaseUrl);
}

/**
 * Runs `work` with database connections, and always closes them.
 * @throws ConfigError if a setting is not valid or there is no database to use; WrongDatabase if it does not have the tables of this
 * version; StartError if its amounts would be read with other scales than they were written with.
 */
export async function withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
  const config = loadSettings();
  return await withDatabase(config, findDatabase(config).databaseUrl, async (session) => {
    await requireOwnSessions(session.databaseUrl);
    await requireModel(session.pool, session.databaseUrl);
    await requireFrozenScales(session.pool);
    return await work(session);
  });
}

export async function withDatabase<Result>(
  config: Config,
  databaseUrl: string,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const poolSize = Math.min(CONNECTIONS, config.database.poolSize);
  const few = { ...config, database: { ...config.database, poolSize } };
  // A broken connection fails the query that uses it, which is reported; a broken idle connection can be ignored.
  const pool = createPool(databaseUrl, few, 'cli', () => {});
  const knex = createKnex(databaseUrl, few, 'cli');
  try {
    const log = createLogger(config, 'cli', { isToStderr: true });
    return await work({ config, databaseUrl, pool, knex, log });
  } finally {
    await Promise.allSettled([pool.end(), knex.destroy()]);
  }
}
