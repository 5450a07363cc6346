import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A way to the database that the test can cut. */
function createCuttableProxy(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;
  const listen = () =>
    new Promise<void>((resolve) => {
      server = createServer((client) => {
        const upstream = connect(Number(target.port), target.hostname);
        for (const socket of [client, upstream]) {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => sockets.delete(socket));
        }
        client.pipe(upstream).pipe(client);
        client.on('close', () => upstream.destroy());
        upstream.on('close', () => client.destroy());
      });
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  return {
    listen,
    url: () => Object.assign(new URL(databaseUrl), { port: String(port) }).toString(),
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

let database: TestDatabase;
let proxy: ReturnType<typeof createCuttableProxy>;
let api: TestApi;
let userId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = createCuttableProxy(database.databaseUrl);
  await proxy.listen();
  api = await startTestApi(proxy.url(), { DATABASE_CONNECT_TIMEOUT_SECONDS: '1' });
  userId = await api.user();
});
afterAll(async () => {
  await api.stop();
  await proxy.cut();
  await database.close();
});

test('while the database is away every answer comes quickly and says so, and all is well when it is back', async () => {
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
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like '%-api%'`,
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
