import { connect, type Socket } from 'node:net';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let api: TestApi;
const sockets: Socket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, {
    API_REQUEST_TIMEOUT_SECONDS: '2',
    API_MAX_CONNECTIONS: '20',
  });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

function open(text: string, { allowReading = true } = {}) {
  const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
  sockets.push(socket);
  const client = { socket, received: '', isClosed: false };
  socket.on('error', () => {});
  socket.on('close', () => {
    client.isClosed = true;
  });
  if (allowReading) {
    socket.on('data', (chunk) => {
      client.received += chunk;
    });
  }
  socket.write(text);
  return client;
}
const HEAD =
  'POST /api/v1/payments/deposit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const openConnections = async () =>
  Number(/tollgate_http_connections (\d+)/.exec((await api.get('/metrics')).text)?.[1]);

test('headers that never end are answered 408 with a problem, and the connection ends', async () => {
  const client = open('GET /api/v1/payments HTTP/1.1\r\nHost: localhost\r\n');
  await waitUntil('the end of the connection', () => client.isClosed);
  expect(client.received).toMatch(/^HTTP\/1\.1 408/);
  expect(client.received).toContain('"code":"request-timeout"');
});

test('a body that never ends is answered 408 with a problem, and the connection ends', async () => {
  const client = open(`${HEAD}Content-Length: 50\r\n\r\n{`);
  await waitUntil('the end of the connection', () => client.isClosed);
  expect(client.received).toMatch(/^HTTP\/1\.1 408/);
  expect(client.received).toContain('"code":"request-timeout"');
});

test('a body in chunks that goes on for ever is answered 413, and the connection ends', async () => {
  const client = open(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const more = setInterval(() => client.socket.write(`2000\r\n${' '.repeat(0x2000)}\r\n`), 5);
  await waitUntil('the end of the connection', () => client.isClosed);
  clearInterval(more);
  expect(client.received).toMatch(/^HTTP\/1\.1 413/);
});

test('clients that do not read their answers are cut off', async () => {
  // More than the buffers of both sides hold.
  const requests = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10);
  const before = await openConnections();
  for (let count = 0; count < 5; count += 1) open(requests, { allowReading: false });
  // Those that had not been read when their connection ended count as nothing, so how many are counted depends on the machine.
  await waitUntil('the end of their connections', async () => {
    const { text } = await api.get('/metrics');
    const [, cutOff = 0] = /route="\/docs",status="499"\} (\d+)/.exec(text) ?? [];
    // The requests of this test themselves keep one connection more than at the beginning, or not.
    return Number(cutOff) >= 5 && (await openConnections()) <= before + 1;
  });
});

test('half-sent requests, however many, do not keep others from an answer', async () => {
  const evictedCount = async () => {
    const { status, text } = await api.get('/metrics');
    expect(status).toBe(200);
    return Number(/tollgate_http_connections_evicted_total (\d+)/.exec(text)?.[1]);
  };
  const half = Array.from({ length: 200 }, () =>
    open('GET /api/v1/payments HTTP/1.1\r\nHost: localhost\r\n'),
  );
  await waitUntil('that all but the last of them have made room', () =>
    half.slice(0, 180).every(({ isClosed }) => isClosed),
  );
  expect(await evictedCount()).toBeGreaterThan(100);
  for (const path of ['/api/v1/health', '/api/v1/health/ready', '/api/v1/health/live'])
    expect([path, (await api.get(path)).status]).toEqual([path, 200]);
  expect(await openConnections()).toBeLessThanOrEqual(20);
});
