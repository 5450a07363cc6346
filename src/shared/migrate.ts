import path from 'node:path';
import { runMigrations } from 'graphile-worker';
import knexFactory from 'knex';
import pg from 'pg';
import { holdMigrationLock } from './migrate.sql.ts';

const MIGRATIONS_FOLDER = path.resolve(import.meta.dirname, '..', '..', 'migrations');

/**
 * Brings the database to the newest schema: our own migrations and those of graphile-worker.
 * Any number of processes may do it at once. They take turns under an advisory lock, which Postgres releases when its
 * holder dies; a lock row that knex finds under ours was left by a process that was killed, and is freed.
 * @returns the names of the migrations that were run now.
 */
export async function migrateToLatest(databaseUrl: string): Promise<readonly string[]> {
  const lockClient = new pg.Client({ connectionString: databaseUrl, application_name: 'tollgate-migrate' });
  lockClient.on('error', () => {});
  await lockClient.connect();
  const knex = knexFactory({
    client: 'pg',
    connection: databaseUrl,
    pool: { min: 0, max: 2 },
    migrations: { directory: MIGRATIONS_FOLDER, loadExtensions: ['.ts'], tableName: 'schema_migrations' },
  });
  try {
    await holdMigrationLock(lockClient);
    await knex.migrate.forceFreeMigrationsLock();
    const [, names] = (await knex.migrate.latest()) as [number, string[]];
    await runMigrations({ connectionString: databaseUrl });
    return names;
  } finally {
    await knex.destroy();
    await lockClient.end();
  }
}
