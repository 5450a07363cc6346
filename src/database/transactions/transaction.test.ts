import { createDatabaseProxy, type DatabaseProxy, isCommit } from '../../../test/support/database-proxy.ts';
import { testConfig } from '../../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { createPool, type Pool } from '../database.ts';
import { CommitOutcomeUnknown } from './commit-outcome.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
let proxiedPool: Pool;
let proxy: DatabaseProxy;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('create table notes (text text primary key)');
  proxy = await createDatabaseProxy(database.ownerUrl);
  proxiedPool = createPool(
    proxy.url,
    testConfig({ DATABASE_CONNECT_TIMEOUT_SECONDS: '20' }),
    'proxied',
    () => {},
  );
});
afterEach(() => proxy.reset());
afterAll(async () => {
  await proxiedPool.end();
  await proxy.cut();
  await database.close();
});

const write = (text: string, readBackMs = 20_000) =>
  inTransaction(
    proxiedPool,
    async (transaction) => {
      await transaction.query('insert into notes values ($1)', [text]);
      return 'written';
    },
    { readBackMs, isWritten: () => isWritten(text) },
  );
async function isWritten(text: string): Promise<boolean> {
  const { rowCount } = await database.pool.query('select from notes where text = $1', [text]);
  return rowCount === 1;
}

test('a commit whose answer is lost is found to have happened', async () => {
  proxy.once(isCommit, 'cut-after-answer');
  expect(await write('answer lost')).toBe('written');
  expect(await isWritten('answer lost')).toBe(true);
});

test('a commit that never arrived is an error, and nothing was written', async () => {
  proxy.once(isCommit, 'cut');
  await expect(write('never arrived')).rejects.not.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('never arrived')).toBe(false);
});

test('a commit that never arrived is an error at once, even if the server has not noticed the lost connection', async () => {
  proxy.once(isCommit, 'vanish');
  await expect(write('vanished')).rejects.not.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('vanished')).toBe(false);
});

test('a commit that cannot be asked about is reported as unknown', async () => {
  let isCut = false;
  proxy.decide((sent) => {
    if (isCut) return 'cut';
    isCut = isCommit(sent);
    return isCut ? 'cut-after-answer' : 'pass';
  });
  await expect(write('unknown', 300)).rejects.toBeInstanceOf(CommitOutcomeUnknown);
  expect(await isWritten('unknown')).toBe(true);
});

test('a COMMIT that the server answers with ROLLBACK is an error, and nothing was written', async () => {
  const swallowing = inTransaction(proxiedPool, async (transaction) => {
    await transaction.query("insert into notes values ('swallowed')");
    await transaction.query('select 1 / 0').catch(() => {});
    return 'written';
  });
  await expect(swallowing).rejects.toThrow('ROLLBACK');
  expect(await isWritten('swallowed')).toBe(false);
  expect(await write('after a swallowed error')).toBe('written');
});

test('an error of the work rolls back, and the connection serves the next transaction', async () => {
  await expect(
    inTransaction(proxiedPool, async (transaction) => {
      await transaction.query("insert into notes values ('rolled back')");
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await isWritten('rolled back')).toBe(false);
  expect(await write('next')).toBe('written');
});
