import { createPaymentWorld } from '../../../test/builders/payment-world.ts';
import { createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { testConfig } from '../../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { createPool } from '../database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const openPool = (settings: Record<string, string>) =>
  createPool(database.databaseUrl, testConfig(settings), 'plans', () => {});

async function countPlans(settings: Record<string, string>) {
  const pool = openPool(settings);
  const session = await pool.connect();
  try {
    for (let id = 1; id <= 8; id += 1)
      await session.query({ name: 'a-user', text: 'select 1 from users where id = $1', values: [id] });
    const { rows } = await session.query(
      `select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements where name = 'a-user'`,
    );
    return rows[0];
  } finally {
    session.release();
    await pool.end();
  }
}

test.each([
  ['once', {}, { generic: 8, custom: 0 }],
  ['once', { DATABASE_PLAN_CACHE_MODE: 'force_generic_plan' }, { generic: 8, custom: 0 }],
  ['each time', { DATABASE_PLAN_CACHE_MODE: 'force_custom_plan' }, { generic: 0, custom: 8 }],
  // PostgreSQL looks at five plans of the one kind before it tries the other.
  ['as PostgreSQL decides', { DATABASE_PLAN_CACHE_MODE: 'auto' }, { generic: 3, custom: 5 }],
])('a statement of the hot path is planned %s with %p', async (_when, settings, plans) => {
  expect(await countPlans(settings)).toEqual(plans);
});

test.each(['auto', 'force_custom_plan'])('a payment is accepted and settled with %s', async (mode) => {
  const pool = openPool({ DATABASE_PLAN_CACHE_MODE: mode });
  try {
    const world = createPaymentWorld({ ...database, pool });
    const paymentId = await world.accept(await world.user());
    const worker = world.worker(createScriptedGateway().gateway);
    worker.start();
    await waitUntil('it is settled', async () => (await world.payment(paymentId)).status === 'success');
    await worker.stop(5000);
    expect(await world.violations()).toEqual([]);
  } finally {
    await pool.end();
  }
});
