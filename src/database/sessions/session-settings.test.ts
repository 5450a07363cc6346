import { createPaymentWorld } from '../../../test/builders/payment-world.ts';
import { createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { startTestApi } from '../../../test/support/api-server.ts';
import { testConfig } from '../../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { createKnex, createPool } from '../database.ts';

/** What somebody has set for the database for reasons of their own, and that must not change what we read and write. */
const THEIRS = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'iso_8601',
  TimeZone: 'Asia/Kathmandu',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  client_encoding: 'LATIN1',
  client_min_messages: 'error',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  default_transaction_deferrable: 'on',
  default_transaction_isolation: 'serializable',
  synchronous_commit: 'off',
  statement_timeout: '1',
  lock_timeout: '1',
  idle_in_transaction_session_timeout: '1',
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { rows } = await database.pool.query('select current_database() as name');
  for (const [name, value] of Object.entries(THEIRS))
    await database.pool.query(`alter database ${rows[0].name} set ${name} = '${value}'`);
});
afterAll(() => database.close());

const setTo = (value: string) =>
  database.pool.query(
    `do $$ begin execute format('alter database %I set synchronous_commit = ${value}', current_database()); end $$`,
  );

async function readSettings(names: readonly string[]) {
  const pool = createPool(database.databaseUrl, testConfig(), 'settings', () => {});
  const knex = createKnex(database.databaseUrl, testConfig(), 'settings');
  const query = `select ${names.map((name) => `current_setting('${name}') as "${name}"`).join(', ')}`;
  const found = [(await pool.query(query)).rows[0], (await knex.raw(query)).rows[0]];
  await Promise.all([pool.end(), knex.destroy()]);
  return found;
}

test('values are read and written in one way, and the same warnings arrive, whatever the database or role has set', async () => {
  const ours = {
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    extra_float_digits: '1',
    client_encoding: 'UTF8',
    client_min_messages: 'notice',
    standard_conforming_strings: 'on',
    array_nulls: 'on',
    transform_null_equals: 'off',
    default_transaction_isolation: 'read committed',
  };
  for (const settings of await readSettings(Object.keys(ours))) expect(settings).toEqual(ours);
});

test.each([
  ['off', 'on'],
  ['local', 'local'],
  ['remote_apply', 'remote_apply'],
])(
  'where commits are %s by default, ours are %s: none is acknowledged before it is on disk',
  async (theirs, ours) => {
    await setTo(theirs);
    const found = await readSettings(['synchronous_commit']);
    await setTo('off');
    expect(found).toEqual([{ synchronous_commit: ours }, { synchronous_commit: ours }]);
  },
);

test('payments are accepted, settled and shown as usual', async () => {
  const api = await startTestApi(database.databaseUrl);
  const before = Date.now();
  const userId = await api.user('1000.50');
  const key = { 'Idempotency-Key': 'strange' };
  const send = () => api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50.25 }, key);
  const first = await send();
  expect(first.status).toBe(202);
  expect((await send()).text).toBe(first.text);

  const pool = createPool(database.databaseUrl, testConfig(), 'strange', () => {});
  const knex = createKnex(database.databaseUrl, testConfig(), 'strange');
  const world = createPaymentWorld({ ...database, pool, knex });
  const worker = world.worker(createScriptedGateway().gateway);
  worker.start();
  const path = `/api/v1/payments/${first.json.payment_id}`;
  const settled = await waitUntil('a settled payment', async () => {
    const { json } = await api.get(path);
    return json.status === 'success' && json;
  });
  await worker.stop(1000);
  expect(settled).toMatchObject({ amount: 50.25 });
  const createdAt = Date.parse(settled.created_at);
  expect(createdAt).toBeGreaterThan(before - 10_000);
  expect(createdAt).toBeLessThan(Date.now() + 10_000);
  expect(await world.violations()).toEqual([]);
  for (const read of [
    `${path}/timeline`,
    '/api/v1/payments',
    `/api/v1/users/${userId}/statement`,
    '/api/v1/overview',
  ])
    expect((await api.get(read)).status).toBe(200);
  await Promise.all([api.stop(), pool.end(), knex.destroy()]);
});
