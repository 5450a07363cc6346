import { runMigrations } from 'graphile-worker';
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { retry } from '../background/retry.ts';
import { holdMigrationLock } from './migrate.sql.ts';
import { MIGRATIONS_FOLDER } from './model/known-migrations.ts';
import { requireMigratable } from './model/require-model.ts';
import { requireOwnSessions } from './sessions/own-sessions.ts';
import { withSessionOptions } from './sessions/session-options.ts';
import { classifyDatabaseError } from './transactions/classify-database-error.ts';

/**
 * How long a statement of a migration waits for a table that somebody uses. While it waits, everybody who comes after it waits
 * behind it, so it gives up soon, lets them through and tries again.
 */
const LOCK_WAIT_MS = 3000;
const TRIES = 10;
const PAUSE_MS = 1000;

/**
 * Brings the database to the newest schema: our own migrations and those of graphile-worker.
 * Any number of processes may do it at once. They take turns under an advisory lock, which Postgres releases when its
 * holder dies; a lock row that knex finds under ours was left by a process that was killed, and is freed.
 * @param lockWaitMs how long each statement waits for a lock; it is tried `tries` times, with pauses.
 * @param newDatabase how to begin with another database, for whoever has one that no migration leads on from.
 * @returns the names of the migrations that were run now.
 * @throws WrongDatabase when no migration leads on from what the database has; nothing has been changed then.
 *   lock_not_available when a table stays locked; migrations that were done stay done.
 */
export async function migrateToLatest(
  databaseUrl: string,
  {
    lockWaitMs = LOCK_WAIT_MS,
    tries = TRIES,
    pauseMs = PAUSE_MS,
    newDatabase,
  }: {
    readonly lockWaitMs?: number;
    readonly tries?: number;
    readonly pauseMs?: number;
    readonly newDatabase?: string | undefined;
  } = {},
): Promise<readonly string[]> {
  // The lock is the session's: behind a pooler that hands sessions on it would be anybody's, and stay.
  await requireOwnSessions(databaseUrl);
  // Waits as long as it takes for whoever migrates at the moment.
  const lockClient = new pg.Client({ connectionString: databaseUrl, application_name: 'tollgate-migrate' });
  lockClient.on('error', () => {});
  await lockClient.connect();
  const connection = withSessionOptions(databaseUrl, { lock_timeout: String(lockWaitMs) });
  const knex = knexFactory({
    client: 'pg',
    connection: connection as Knex.PgConnectionConfig,
    pool: { min: 0, max: 2 },
    migrations: { directory: MIGRATIONS_FOLDER, loadExtensions: ['.ts'], tableName: 'schema_migrations' },
    // What it would print is thrown as well.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
  const theirPool = new pg.Pool({ ...connection, max: 2 });
  // An error is thrown by the statement that met it.
  theirPool.on('error', () => {});
  theirPool.on('connect', (client) => client.on('error', () => {}));
  try {
    await holdMigrationLock(lockClient);
    const ran: string[] = [];
    await retry(
      async () => {
        await requireMigratable(theirPool, { databaseUrl, newDatabase });
        await knex.migrate.forceFreeMigrationsLock();
        const before = await listRan(knex);
        // Each migration is a transaction of its own: those before one that had to give up are done.
        await knex.migrate
          .latest()
          .finally(async () => ran.push(...(await listRan(knex)).slice(before.length)));
        await runMigrations({ pgPool: theirPool });
      },
      {
        retries: tries - 1,
        pauses: { baseMs: pauseMs, maxMs: pauseMs },
        mayHelp: ({ error }) => classifyDatabaseError(error).kind === 'lock_timeout',
      },
    );
    return ran;
  } finally {
    await knex.destroy();
    await theirPool.end();
    await lockClient.end();
  }
}

/** The names of the migrations that the database has had, in their order. */
async function listRan(knex: Knex): Promise<string[]> {
  const [done] = (await knex.migrate.list()) as [{ readonly name: string }[], unknown];
  return done.map(({ name }) => name);
}
