import { networkInterfaces } from 'node:os';
import { makeDeadLetters } from '../builders/dead-letters.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const TOKEN = 'a-token-of-an-operator';
const otherAddress = Object.values(networkInterfaces())
  .flat()
  .find((face) => face?.family === 'IPv4' && !face.internal)?.address;

let database: TestDatabase;
let open: TestApi;
let guarded: TestApi;
/** Every operation that the description says is for operators. */
let guardedOperations: { method: string; path: string }[];

beforeAll(async () => {
  database = await createTestDatabase();
  open = await startTestApi(database.databaseUrl, { API_HOST: '0.0.0.0' });
  guarded = await startTestApi(database.databaseUrl, { OPERATOR_TOKEN: TOKEN });
  const { paths } = (await open.get('/openapi.json')).json;
  guardedOperations = Object.entries<Record<string, { security?: unknown[] }>>(paths).flatMap(
    ([path, item]) =>
      Object.entries(item)
        .filter(([, { security }]) => security !== undefined)
        .map(([method]) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, '1') })),
  );
});
afterAll(async () => {
  await open.stop();
  await guarded.stop();
  await database.close();
});

test('operations of operators are described as such, and those of clients are not', () => {
  const listed = guardedOperations.map(({ method, path }) => `${method} ${path}`);
  expect(listed).toEqual(
    expect.arrayContaining([
      'POST /api/v1/dlq/1/redrive',
      'POST /api/v1/dlq/1/discard',
      'POST /api/v1/payments/1/resolve',
      'POST /api/v1/integrity/checks',
      'POST /api/v1/integrity/violations/1/acknowledge',
      'POST /api/v1/reconciliation/exceptions/1/close',
      'POST /api/v1/reconciliation/exceptions/1/post-to-suspense',
    ]),
  );
  for (const path of ['GET /api/v1/payments/1', 'POST /api/v1/payments/deposit', 'GET /api/v1/health'])
    expect(listed).not.toContain(path);
});

test('without the token each of them is answered 401, whatever its body, and does nothing', async () => {
  for (const { method, path } of guardedOperations) {
    const answer = await guarded.request(method, path, method === 'POST' ? { body: 'no JSON' } : {});
    expect([method, path, answer.status]).toEqual([method, path, 401]);
    expect(answer.json).toMatchObject({ code: 'operator-token-required' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  }
});

test('a page of another site can cause none of them through a browser', async () => {
  for (const { method, path } of guardedOperations) {
    const answer = await open.request(method, path, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect([method, path, answer.json.code]).toEqual([method, path, 'operator-cross-site']);
  }
});

test('the token gives access to them', async () => {
  const headers = { authorization: `Bearer ${TOKEN}` };
  expect(await guarded.request('GET', '/api/v1/dlq', { headers })).toMatchObject({ status: 200 });
});

test('what is done without a name is recorded under the name of the access', async () => {
  const [byLocal, byToken, byAna] = await makeDeadLetters(database, createPaymentWorld(database), {
    count: 3,
  });
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const body = { reason: 'paid by hand' };
  const discard = async (api: TestApi, id: bigint | undefined, changes: object = {}) =>
    (
      await api.request('POST', `/api/v1/dlq/${id}/discard`, {
        headers,
        body: JSON.stringify({ ...body, ...changes }),
      })
    ).json;
  expect(await discard(open, byLocal)).toMatchObject({ action_by: 'local operator' });
  expect(await discard(guarded, byToken)).toMatchObject({ action_by: 'operator' });
  expect(await discard(guarded, byAna, { by: 'ana' })).toMatchObject({ action_by: 'ana' });
});

test.each(['Bearer another-token-of-an-operator', `Basic ${TOKEN}`, TOKEN, 'Bearer', `Bearer ${TOKEN}x`])(
  'a wrong token gives no access: %s',
  async (authorization) => {
    expect(await guarded.request('GET', '/api/v1/dlq', { headers: { authorization } })).toMatchObject({
      status: 401,
    });
  },
);

test('clients need no token', async () => {
  expect(await guarded.user()).toEqual(expect.any(Number));
});

test('without a token they are answered on this machine', async () => {
  expect(await open.get('/api/v1/dlq')).toMatchObject({ status: 200 });
});

test.each(['x-forwarded-for', 'forwarded', 'via'])(
  'a request with the header %s counts as from another machine',
  async (name) => {
    expect(await open.request('GET', '/api/v1/dlq', { headers: { [name]: '127.0.0.1' } })).toMatchObject({
      status: 403,
      json: { code: 'operator-loopback-only' },
    });
  },
);

test('another address of this machine is as foreign as another machine', async () => {
  // A machine without a network has no such address; then the decision's own tests have to do.
  if (!otherAddress) return expect(open.origin).toContain('127.0.0.1');
  const { port } = new URL(open.origin);
  const answer = await fetch(`http://${otherAddress}:${port}/api/v1/dlq`);
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ code: 'operator-loopback-only', instance: '/api/v1/dlq' });
});
