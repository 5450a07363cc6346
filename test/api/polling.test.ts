import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let api: TestApi;
let world: PaymentWorld;
let path: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
  world = createPaymentWorld(database);
});
beforeEach(async () => {
  const userId = await api.user();
  const { json } = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 5 });
  path = `/api/v1/payments/${json.payment_id}`;
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const ask = (ifNoneMatch: string, at = path, method = 'GET') =>
  api.request(method, at, { headers: { 'If-None-Match': ifNoneMatch } });

test('an unchanged payment is not sent again', async () => {
  const first = await api.get(path);
  const tag = first.headers.get('etag') as string;
  expect(tag).toMatch(/^"[\w-]+"$/);
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
  for (const held of [tag, `W/${tag}`, `"older", ${tag}`, '*']) {
    const again = await ask(held);
    expect([again.status, again.text]).toEqual([304, '']);
    expect(again.headers.get('etag')).toBe(tag);
    expect(again.headers.get('cache-control')).toBe('private, no-cache');
    expect(again.headers.get('content-type')).toBeNull();
    expect(again.headers.get('x-request-id')).not.toBeNull();
  }
  for (const other of ['"older"', 'W/"older"', tag.slice(1, -1), 'nonsense'])
    expect(await ask(other)).toMatchObject({ status: 200, text: first.text });
  const head = await api.request('HEAD', path);
  expect([head.status, head.headers.get('etag')]).toEqual([200, tag]);
  expect((await ask(tag, path, 'HEAD')).status).toBe(304);
});

test('a changed payment has another tag', async () => {
  const tags = new Set([(await api.get(path)).headers.get('etag') as string]);
  const worker = world.worker(createScriptedGateway().gateway);
  worker.start();
  await waitUntil('a settled payment', async () => (await api.get(path)).json.status === 'success');
  await worker.stop(1000);
  const [old] = tags;
  const settled = await ask(old as string);
  expect(settled).toMatchObject({ status: 200, json: { status: 'success' } });
  expect(settled.headers.get('etag')).not.toBe(old);
});

test('a wallet and attempts are polled like a payment; what does not exist is 404 for `*`, too', async () => {
  const { user_id: userId } = (await api.get(path)).json;
  for (const at of [`/api/v1/users/${userId}`, `${path}/attempts`]) {
    const tag = (await api.get(at)).headers.get('etag') as string;
    expect((await ask(tag, at)).status).toBe(304);
  }
  expect((await ask('*', '/api/v1/payments/999999')).status).toBe(404);
});

test('no other answer may be stored', async () => {
  for (const at of ['/api/v1/dlq', '/api/v1/health', '/api/v1/payments/999999']) {
    const { headers } = await api.get(at);
    expect([at, headers.get('cache-control'), headers.get('etag')]).toEqual([at, 'no-store', null]);
  }
});

test('a payment is `processing` in every answer from the first on, until it ends', async () => {
  expect((await api.get(path)).json.status).toBe('processing');
  const { json } = await api.get('/api/v1/payments?status=processing&limit=1');
  expect(json.items[0].status).toBe('processing');
  const { paths, components } = (await api.get('/openapi.json')).json;
  expect(components.schemas.Payment.properties.status.enum).toEqual([
    'processing',
    'success',
    'failed',
    'unknown',
  ]);
  expect(
    paths['/api/v1/payments'].get.parameters.find((each: { name: string }) => each.name === 'status').schema
      .enum,
  ).not.toContain('new');
});
