import { startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  // Long enough for everybody else to be done before the first of them gives up.
  api = await startTestApi(database.databaseUrl, { DATABASE_LOCK_TIMEOUT_SECONDS: '5' });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const withdraw = (userId: number, headers: Record<string, string> = {}) =>
  api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 1 }, headers);
const holdWallet = (userId: number) =>
  holdRows(database.databaseUrl, 'select from accounts where user_id = $1 for update', [userId]);

async function paymentCount(userId: number): Promise<number> {
  const { rows } = await database.pool.query(
    'select count(*)::int as count from payments where user_id = $1',
    [userId],
  );
  return rows[0].count;
}

test('a locked wallet delays only its own user', async () => {
  const unlucky = await api.user();
  const others = await Promise.all(Array.from({ length: 39 }, () => api.user()));
  const holder = await holdWallet(unlucky);
  let othersWaiting = 0;
  const requests = [unlucky, ...others, unlucky, ...others, unlucky, ...others].map(async (userId) => {
    if (userId !== unlucky) othersWaiting += 1;
    const answer = await withdraw(userId);
    if (userId !== unlucky) othersWaiting -= 1;
    return { userId, answer, othersWaiting };
  });
  const answers = await Promise.all(requests);

  for (const { userId, answer, othersWaiting } of answers) {
    if (userId !== unlucky) {
      expect(answer.status).toBe(202);
      continue;
    }
    expect(answer).toMatchObject({ status: 503, json: { code: 'wallet-busy', retry: 'same-key' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(othersWaiting).toBe(0);
  }
  expect(await paymentCount(unlucky)).toBe(0);
  await holder.letGo();
  expect((await withdraw(unlucky)).status).toBe(202);
});

test('a wallet that is locked briefly only delays its own requests', async () => {
  const userId = await api.user();
  const holder = await holdWallet(userId);
  const requests = Array.from({ length: 5 }, () => withdraw(userId));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await holder.letGo();
  for (const answer of await Promise.all(requests)) expect(answer.status).toBe(202);
  expect(await paymentCount(userId)).toBe(5);
});

test('a key that another transaction has locked delays only its own request', async () => {
  const users = await Promise.all(Array.from({ length: 30 }, () => api.user()));
  const [unlucky = 0] = users;
  const holder = await holdRows(
    database.databaseUrl,
    `insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body)
     values ($1, 'held', '\\x00', 'payment', 1, 202, '{}')`,
    [unlucky],
  );
  const answers = await Promise.all(
    users.map((userId) => withdraw(userId, { 'Idempotency-Key': userId === unlucky ? 'held' : 'free' })),
  );
  expect(answers[0]).toMatchObject({ status: 409, json: { code: 'idempotency-key-in-use' } });
  expect(new Set(answers.slice(1).map(({ status }) => status))).toEqual(new Set([202]));
  await holder.letGo();
  expect((await withdraw(unlucky, { 'Idempotency-Key': 'held' })).status).toBe(202);
});

test('while a table is locked requests are answered within the lock timeout, and everything works again afterwards', async () => {
  const userId = await api.user();
  const holder = await holdRows(database.databaseUrl, 'lock table payment_tasks in access exclusive mode');
  const requests = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? withdraw(userId) : withdraw(userId, { 'Idempotency-Key': `table-${index}` }),
  );
  for (const { status } of await Promise.all(requests)) expect([409, 503]).toContain(status);
  await holder.letGo();
  await waitUntil('an accepted payment', async () => (await withdraw(userId)).status === 202);
});

test('a batch that exceeds the statement timeout is written in smaller ones', async () => {
  await database.pool.query(`
    create function write_slowly() returns trigger language plpgsql as
    $$ begin perform pg_sleep(0.06); return new; end $$`);
  await database.pool.query(
    'create trigger slow before insert on payments for each row execute function write_slowly()',
  );
  const slow = await startTestApi(database.databaseUrl, {
    DATABASE_STATEMENT_TIMEOUT_SECONDS: '1',
    DATABASE_LOCK_TIMEOUT_SECONDS: '30',
  });
  const userId = await slow.user();
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const body = { user_id: userId, deposit: 1 };
      return (await slow.post('/api/v1/payments/deposit', body)).status;
    }),
  );
  await slow.stop();
  await database.pool.query('drop trigger slow on payments');
  expect(new Set(statuses)).toEqual(new Set([202]));
});
