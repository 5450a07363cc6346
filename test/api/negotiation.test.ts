import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
type Node = any;

/** Answered whatever they are asked for: see docs/decisions/076-what-an-answer-may-look-like.md. */
const ANSWERED_TO_ALL = [
  '/api/v1/health',
  '/api/v1/health/live',
  '/api/v1/health/ready',
  '/api/v1/gateway/callbacks',
];
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let database: TestDatabase;
let api: TestApi;
let operations: { method: string; path: string; responses: Node }[];

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
  const { paths } = (await api.get('/openapi.json')).json;
  operations = Object.entries<Node>(paths).flatMap(([path, item]) =>
    Object.entries<Node>(item).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path,
      responses,
    })),
  );
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const asking = (accept: string) => ({ headers: { accept } });
const countPayments = async () =>
  Number((await database.pool.query('select count(*) as n from payments')).rows[0].n);

test.each(['text/html', 'application/json;q=0', 'application/json;q=0, */*', 'application/xml, text/*'])(
  'a client that does not accept JSON (%s) learns what is offered, and nothing is done',
  async (accept) => {
    const userId = await api.user();
    for (const [path, body] of [
      ['/api/v1/payments/deposit', { user_id: userId, deposit: 200 }],
      ['/api/v1/payments/withdraw', { user_id: userId, amount: 50 }],
    ] as const) {
      const before = await countPayments();
      const key = `asked-for-${path}-${accept}`.replaceAll(/[^\w-]/g, '-');
      const refused = await api.post(path, body, { accept, 'idempotency-key': key });
      expect(refused).toMatchObject({
        status: 406,
        json: {
          code: 'not-acceptable',
          retry: 'never',
          offered: ['application/json', 'application/problem+json'],
          errors: [{ field: 'Accept', message: expect.stringContaining('application/json') }],
        },
      });
      expect(refused.headers.get('content-type')).toContain('application/problem+json');
      expect(refused.json.detail).toMatch(/application\/json.*Nothing was done/);
      expect(await countPayments()).toBe(before);
      // Its key is free.
      expect((await api.post(path, body, { 'idempotency-key': key })).status).toBe(202);
      expect(await countPayments()).toBe(before + 1);
    }
  },
);

test('the body of a client that accepts no answer is not read', async () => {
  const refused = await api.request('POST', '/api/v1/payments/deposit', {
    body: 'this is no JSON',
    headers: { 'content-type': 'text/plain', accept: 'text/html' },
  });
  expect(refused.status).toBe(406);
});

test.each(['application/json', '*/*', 'application/*', 'application/problem+json', BROWSER, 'nonsense'])(
  'a client that accepts %s is answered',
  async (accept) => {
    expect(await api.post('/api/v1/users', { balance: 10 }, { accept })).toMatchObject({ status: 201 });
    expect(await api.request('GET', '/api/v1/users/1', asking(accept))).toMatchObject({ status: 200 });
    const missing = await api.request('GET', '/api/v1/users/999', asking(accept));
    expect(missing).toMatchObject({ status: 404, json: { code: 'user-not-found' } });
    expect(missing.headers.get('content-type')).toContain('application/problem+json');
  },
);

test('each operation refuses or accepts as it is described', async () => {
  for (const { method, path, responses } of operations) {
    const filled = path.replaceAll(/\{\w+\}/g, '1');
    const { status, json } = await api.request(method, filled, asking('text/html'));
    const isAnswered = ANSWERED_TO_ALL.includes(path);
    expect([method, path, status === 406, '406' in responses]).toEqual([
      method,
      path,
      !isAnswered,
      !isAnswered,
    ]);
    if (status === 406) expect(json.code).toBe('not-acceptable');
  }
});

test('missing access and an unknown path are reported first', async () => {
  const html = asking('text/html');
  expect(await api.request('GET', '/api/v1/nothing', html)).toMatchObject({ status: 404 });
  expect(await api.request('DELETE', '/api/v1/users/1', html)).toMatchObject({ status: 405 });
  const foreign = { headers: { accept: 'text/html', 'sec-fetch-site': 'cross-site' } };
  expect(await api.request('GET', '/api/v1/dlq', foreign)).toMatchObject({ status: 403 });
  const head = await api.request('HEAD', '/api/v1/users/1', html);
  expect([head.status, head.text]).toEqual([406, '']);
});

test('the description and the problems are JSON; pages and metrics are what they are', async () => {
  for (const path of ['/openapi.json', '/problems/not-acceptable']) {
    expect((await api.request('GET', path, asking('text/html'))).status).toBe(406);
    for (const accept of ['*/*', 'application/json', BROWSER])
      expect((await api.request('GET', path, asking(accept))).status).toBe(200);
  }
  for (const [path, type] of [
    ['/metrics', 'text/plain'],
    ['/docs/', 'text/html'],
    ['/console/', 'text/html'],
    ['/console/main.ts', 'text/javascript'],
  ] as const)
    for (const accept of ['*/*', BROWSER, 'application/openmetrics-text;version=1.0.0', 'application/json']) {
      const answer = await api.request('GET', path, asking(accept));
      expect([path, accept, answer.status]).toEqual([path, accept, 200]);
      expect(answer.headers.get('content-type')).toContain(type);
    }
});

test.each([
  [{ 'content-type': 'text/plain' }, 'accept', 'application/json'],
  [{ 'content-type': 'application/json; charset=latin1' }, 'accept', 'application/json'],
  [{ 'content-type': 'application/json', 'content-encoding': 'br' }, 'accept-encoding', 'identity'],
])('a body sent with %j is refused with the supported values in %s', async (headers, name, value) => {
  const refused = await api.request('POST', '/api/v1/users', { body: '{}', headers });
  expect(refused).toMatchObject({ status: 415, json: { code: 'unsupported-media-type' } });
  expect(refused.headers.get(name)).toBe(value);
  for (const { method, path, responses } of operations)
    if (method === 'POST')
      expect([path, Object.keys(responses['415'].headers)]).toEqual([path, ['Accept', 'Accept-Encoding']]);
});
