import pg from 'pg';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool, type Pool } from '../database/database.ts';
import { createRegistry } from '../telemetry/metrics.ts';
import { keepEventDays } from './event-days.sql.ts';
import { createEventGauges } from './event-gauges.ts';

let database: TestDatabase;
/** As the role that runs. */
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(
    database.databaseUrl,
    testConfig({ DATABASE_URL: database.databaseUrl }),
    'test',
    () => {},
  );
});
afterAll(async () => {
  await pool.end();
  await database.close();
});

function watch() {
  const registry = createRegistry();
  const sample = createEventGauges({ pool, registry });
  return async (name: string) => {
    await sample();
    return (await registry.getSingleMetric(name)?.get())?.values ?? [];
  };
}

test('a writer that stays open is named, and one that has written nothing is not', async () => {
  const read = watch();
  const client = new pg.Client({
    connectionString: database.ownerUrl,
    application_name: 'a forgotten session',
  });
  await client.connect();
  const isNamed = async () => {
    const values = await read('tollgate_events_held_back_seconds');
    expect(values).toHaveLength(1);
    return values[0]?.labels.application === 'a forgotten session' && values[0];
  };
  try {
    await client.query('begin');
    await client.query('select count(*) from events');
    expect(await isNamed()).toBe(false);
    await client.query('select pg_current_xact_id()');
    // Others of the same server may have begun before, for a moment.
    const held = await waitUntil('its name', isNamed);
    await waitUntil('its age', async () => {
      const now = await isNamed();
      return now && now.value > held.value;
    });
    await client.query('commit');
    await waitUntil('nobody', async () => !(await isNamed()));
  } finally {
    await client.end();
  }
});

test('events of a day without a table are noticed until they are moved', async () => {
  const read = watch();
  const value = async () => (await read('tollgate_events_without_day'))[0]?.value;
  expect(await value()).toBe(0);
  await database.pool.query(
    `insert into events (created_at, type, subject, data) values ('2020-01-01', 'tollgate.wallet.closed.v1', 'wallet:1', '{}')`,
  );
  expect(await value()).toBe(1);
  await keepEventDays(database.pool);
  expect(await value()).toBe(0);
});
