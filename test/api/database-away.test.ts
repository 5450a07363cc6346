import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let proxy: DatabaseProxy;
let api: TestApi;
let userId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await createDatabaseProxy(database.databaseUrl);
  api = await startTestApi(proxy.url, { DATABASE_CONNECT_TIMEOUT_SECONDS: '5' });
  userId = await api.user();
});
afterAll(async () => {
  await api.stop();
  await proxy.cut();
  await database.close();
});

test('while the database is away every answer comes quickly and says so, and everything works again afterwards', async () => {
  expect((await api.get('/api/v1/health')).json).toMatchObject({ status: 'ok', database: 'ok' });
  await proxy.cut();

  const requests = [
    api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 }, { 'Idempotency-Key': 'away' }),
    api.post('/api/v1/users/', { balance: 1 }),
    api.get(`/api/v1/users/${userId}`),
    api.get('/api/v1/payments'),
    api.get('/api/v1/dlq'),
    api.post('/api/v1/dlq/1/redrive', {}),
  ];
  for (const answer of await Promise.all(requests)) {
    expect(answer).toMatchObject({ status: 503, json: { code: 'database-unavailable', retry: 'same-key' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  expect(await api.get('/api/v1/health')).toMatchObject({
    status: 503,
    json: { status: 'degraded', database: 'unreachable' },
  });
  expect(await api.get('/api/v1/health/ready')).toMatchObject({ status: 503 });
  expect(await api.get('/api/v1/health/live')).toMatchObject({ status: 200 });
  expect((await api.get('/metrics')).status).toBe(200);

  await proxy.listen();
  await waitUntil('a healthy API', async () => (await api.get('/api/v1/health')).status === 200);
  const deposit = await api.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: 1 },
    { 'Idempotency-Key': 'away' },
  );
  expect(deposit.status).toBe(202);
  expect(deposit.headers.get('idempotency-replayed')).toBeNull();
});

test('sessions that the server ends do not fail the requests that come after', async () => {
  await database.pool.query(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity
     where datname = current_database() and application_name like '%-api%'`,
  );
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      api.post(
        '/api/v1/payments/deposit',
        { user_id: userId, deposit: 1 },
        { 'Idempotency-Key': `t${index}` },
      ),
    ),
  );
  expect(answers.every(({ status }) => status === 202 || status === 503)).toBe(true);
  const again = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      api.post(
        '/api/v1/payments/deposit',
        { user_id: userId, deposit: 1 },
        { 'Idempotency-Key': `t${index}` },
      ),
    ),
  );
  expect(again.every(({ status }) => status === 202)).toBe(true);
  const { rows } = await database.pool.query(
    `select count(*)::int as count from idempotency_keys where key like 't%'`,
  );
  expect(rows[0].count).toBe(20);
});
