import type pg from 'pg';

/** Any number that nothing else in this database uses. */
const MIGRATION_LOCK = 7_265_743_001;

/** Waits for the lock, which lasts as long as the connection. */
export async function holdMigrationLock(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
}
