import { holdRows } from '../../../test/support/hold-rows.ts';
import { createTestDatabase } from '../../../test/support/test-database.ts';
import { migrateToLatest } from '../../database/migrate.ts';
import { explainError } from './explain-error.ts';

test('a migration that waits in vain for a table says who is to be looked for', async () => {
  const database = await createTestDatabase();
  const holder = await holdRows(database.ownerUrl, 'lock table schema_migrations in access exclusive mode');
  const error = await migrateToLatest(database.ownerUrl, { lockWaitMs: 50, tries: 1 }).catch(
    (thrown) => thrown,
  );
  await holder.letGo();
  await database.close();
  expect(explainError(error)).toMatch(
    /^Another session holds a lock .* pg_stat_activity .* run the command again\.$/,
  );
});
