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
 * How long a migration's statement waits for a table that is in use. While it waits, all later statements queue behind it, so it gives up
 * soon, lets them through and tries again.
 */
const LOCK_WAIT_MS = 3000;
const TRIES = 10;
const PAUSE_MS = 1000;

/**
 * Migrates the database to the newest schema: our own migrations and those of graphile-worker. Any number of processes may call this at
 * once. They take turns under an advisory lock, which Postgres releases if its holder dies. If knex finds its own lock row while we hold
 * the advisory lock, a killed process left it, so it is freed.
 * @param lockWaitMs how long each statement waits for a lock; it is tried `tries` times, with pauses.
 * @param newDatabase how to begin with another database, for whoever has one that no migration leads on from.
 * @returns the names of the migrations that this call ran.
 * @throws WrongDatabase when no migration leads on from what the database has; nothing has been changed then.
 * lock_not_available if a table stays locked; completed migrations stay done.
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
  // The lock belongs to the session: behind a pooler that shares sessions, others would hold it too, and it would stay.
  await requireOwnSessions(databaseUrl);
  // Wait, without a limit, for another process that is migrating.
  const lockClient = new pg.Client({ connectionString: databaseUrl, application_name: 'tollgate-migrate' });
  lockClient.on('error', () => {});
  await lockClient.connect();
  const connection = withSessionOptions(databaseUrl, { lock_timeout: String(lockWaitMs) });
  const knex = knexFactory({
    client: 'pg',
    connection: connection as Knex.PgConnectionConfig,
    pool: { min: 0, max: 2 },
    migrations: { directory: MIGRATIONS_FOLDER, loadExtensions: ['.ts'], tableName: 'schema_migrations' },
    // Silence knex: what it would print is also thrown.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
  const theirPool = new pg.Pool({ ...connection, max: 2 });
  // The statement that meets an error throws it, so this event can be ignored.
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
        // Each migration is its own transaction: those before the one that gave up are done.
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

/** The names of the migrations that the database has run, in order. */
async function listRan(knex: Knex): Promise<string[]> {
  const [done] = (await knex.migrate.list()) as [{ readonly name: string }[], unknown];
  return done.map(({ name }) => name);
}
