import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { countConnections, createKnex, createPool, type Knex, type Pool } from './database.ts';
import { classifyDatabaseError } from './transactions/classify-database-error.ts';
import { inTransaction } from './transactions/transaction.ts';

const config = testConfig({
  DATABASE_POOL_SIZE: '1',
  DATABASE_STATEMENT_TIMEOUT_SECONDS: '0.5',
  DATABASE_LOCK_TIMEOUT_SECONDS: '0.25',
  DATABASE_CONNECT_TIMEOUT_SECONDS: '3',
});
let database: TestDatabase;
let pool: Pool;
let knex: Knex;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => {
  pool = createPool(database.ownerUrl, config, 'limits', () => {});
  knex = createKnex(database.ownerUrl, config, 'limits');
});
afterEach(() => Promise.all([pool.end(), knex.destroy()]));
afterAll(() => database.close());

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => classifyDatabaseError(error).kind,
  );

test('a statement that takes too long is cancelled, and the pool stays usable', async () => {
  expect(await kindOf(pool.query('select pg_sleep(5)'))).toBe('timeout');
  expect(await kindOf(knex.raw('select pg_sleep(5)'))).toBe('timeout');
  expect(await kindOf(pool.query('select 1'))).toBe('done');
});

test('a wait for a row that another transaction holds is ended', async () => {
  await database.pool.query('create table rows_to_hold (id int primary key)');
  await database.pool.query('insert into rows_to_hold values (1)');
  const holder = await database.pool.connect();
  await holder.query('begin; select from rows_to_hold for update');
  expect(await kindOf(pool.query('select from rows_to_hold for update'))).toBe('lock_timeout');
  await holder.query('rollback');
  holder.release();
});

test('a transaction that idles is ended by the server, and nothing of it is written', async () => {
  await database.pool.query('create table notes (text text)');
  const idle = inTransaction(pool, async (transaction) => {
    await transaction.query(`insert into notes values ('never')`);
    await new Promise((resolve) => transaction.once('end', resolve));
  });
  expect(await kindOf(idle)).not.toBe('done');
  expect((await database.pool.query('select from notes')).rowCount).toBe(0);
});

test('a transaction of many short statements is ended too, where the server can', async () => {
  const { rows } = await pool.query(
    `select name, setting, unit from pg_settings where name = 'transaction_timeout'`,
  );
  expect(rows).toEqual([{ name: 'transaction_timeout', setting: '1500', unit: 'ms' }]);
  const endless = inTransaction(pool, async (transaction) => {
    for (;;) await transaction.query('select pg_sleep(0.05)');
  });
  expect(await kindOf(endless)).not.toBe('done');
});

test('a caller waits for a connection for a limited time, and the wait shows in the counts', async () => {
  const holder = await pool.connect();
  const waiting = kindOf(pool.query('select 1'));
  expect(countConnections(pool)).toEqual({ used: 1, idle: 0, waiting: 1 });
  expect(await waiting).toBe('connection');
  holder.release();
});

test('a reader waits for a connection for a limited time, and the wait shows in the counts', async () => {
  const holders = [await knex.client.acquireConnection(), await knex.client.acquireConnection()];
  const waiting = kindOf(knex.raw('select 1'));
  expect(countConnections(knex)).toEqual({ used: 2, idle: 0, waiting: 1 });
  expect(await waiting).toBe('connection');
  for (const holder of holders) await knex.client.releaseConnection(holder);
});
