import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { createDatabaseGauges } from './database-gauges.ts';
import { createRegistry } from './metrics.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

async function sample() {
  const registry = createRegistry();
  await createDatabaseGauges({ pool: database.pool, registry, tables: ['payment_tasks'] })();
  const gauge = async (name: string, labels: Record<string, string> = {}) => {
    const { values } = (await registry.getSingleMetric(`tollgate_database_${name}`)?.get()) ?? { values: [] };
    return values.find((entry) =>
      Object.entries(labels).every(([label, value]) => entry.labels[label] === value),
    )?.value;
  };
  return { gauge };
}

test('a transaction that holds a snapshot shows its age until it ends', async () => {
  const client = await database.pool.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('select count(*) from payment_tasks');
  // Another transaction of which the first one's snapshot knows nothing.
  await database.pool.query('select pg_current_xact_id()');

  const held = await sample();
  const ageSeconds = await held.gauge('oldest_transaction_seconds');
  await client.query('rollback');
  client.release();
  const after = await sample();

  expect(ageSeconds).toBeGreaterThan(0);
  expect(await held.gauge('snapshot_lag_transactions')).toBeGreaterThan(0);
  expect(await held.gauge('connections', { state: 'idle_in_transaction' })).toBe(1);
  expect(await after.gauge('oldest_transaction_seconds')).toBe(0);
  expect(await after.gauge('connections', { state: 'idle_in_transaction' })).toBe(0);
});

test('a table shows the row versions that wait for vacuum', async () => {
  const { gauge } = await sample();
  expect(await gauge('dead_tuples', { table: 'payment_tasks' })).toBe(0);
  expect(await gauge('live_tuples', { table: 'payment_tasks' })).toBe(0);
});
