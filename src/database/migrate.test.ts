import { holdRows } from '../../test/support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { migrateToLatest } from './migrate.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test('processes that migrate an empty database at once take turns, and one of them does it', async () => {
  await database.pool.query(
    'drop schema public cascade; drop schema graphile_worker cascade; create schema public',
  );
  const runs = await Promise.all([1, 2, 3].map(() => migrateToLatest(database.ownerUrl)));
  const done = runs.filter((names) => names.length > 0);
  expect(done).toHaveLength(1);
  expect(done[0]?.[0]).toBe('0001_model.ts');
  const { rows } = await database.pool.query(
    `select to_regclass('public.payments') is not null as ours, to_regnamespace('graphile_worker') is not null as theirs`,
  );
  expect(rows).toEqual([{ ours: true, theirs: true }]);
});

test('the lock row of a process that was killed during a migration blocks nobody', async () => {
  await database.pool.query('update schema_migrations_lock set is_locked = 1');
  expect(await migrateToLatest(database.ownerUrl)).toEqual([]);
});

describe('a table that somebody uses', () => {
  const hurried = { lockWaitMs: 100, pauseMs: 100 };
  const hold = () => holdRows(database.ownerUrl, 'lock table schema_migrations in access exclusive mode');

  test('is waited for in many short tries, so that nobody queues behind the migration', async () => {
    const holder = await hold();
    const migrating = migrateToLatest(database.ownerUrl, { ...hurried, tries: 100 });
    // Several times as long as one try waits.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await holder.letGo();
    expect(await migrating).toEqual([]);
  });

  test('ends the migration with an error that says so when it stays in use', async () => {
    const holder = await hold();
    await expect(migrateToLatest(database.ownerUrl, { ...hurried, tries: 2 })).rejects.toMatchObject({
      code: '55P03',
    });
    await holder.letGo();
  });
});
