import { connect } from 'node:net';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/** Whoever is refused must read what was wrong, and not something else that would be wrong as well. */
let database: TestDatabase;
let api: TestApi;
let userId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
  userId = await api.user();
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function countPayments(): Promise<unknown> {
  const { rows } = await database.pool.query('select count(*) from payments');
  return rows[0];
}

describe('what is wrong with an amount is told', () => {
  test.each([
    ['1'.repeat(400), 'must be at most 100000000000'],
    ['1e99999', 'must be at most 100000000000'],
    [`1e${'9'.repeat(400)}`, 'must be at most 100000000000'],
    [`0.${'0'.repeat(400)}1`, 'must have at most 2 decimals in USD'],
    [`1e-${'9'.repeat(400)}`, 'must have at most 2 decimals in USD'],
    [`-${'1'.repeat(400)}`, 'must not be negative'],
    [`"${'1'.repeat(65)}"`, 'must have at most 64 characters'],
    [`"1.${'0'.repeat(63)}"`, 'must have at most 64 characters'],
    [`"${'x'.repeat(65)}"`, 'must be a number, or a string with a decimal number'],
  ])('%.30s', async (literal, message) => {
    const { status, json } = await api.post('/api/v1/users/', `{"balance": ${literal}}`);
    expect([status, json.errors]).toEqual([422, [{ field: 'balance', message }]]);
  });
});

test.each(['9007199254740992', '9007199254740993', '9223372036854775808', '1e400'])(
  'an id of %s is a whole number, but too large',
  async (literal) => {
    const { status, json } = await api.post(
      '/api/v1/payments/deposit',
      `{"user_id": ${literal}, "deposit": 1}`,
    );
    expect([status, json.errors]).toEqual([
      422,
      [{ field: 'user_id', message: 'must be from 1 to 9007199254740991' }],
    ]);
  },
);

test.each(['9007199254740993', '1e300', '-1e300', '1.5e300'])(
  'what is wrong with a time of %s is said once, although several rules say it',
  async (literal) => {
    const { status, json } = await api.post(
      `/api/v1/accounts/${userId}/hold`,
      `{"order_id": "o", "amount": 1, "expires_in_seconds": ${literal}}`,
    );
    const message = 'must be a whole number from 1 to 31536000';
    expect([status, json.errors]).toEqual([422, [{ field: 'expires_in_seconds', message }]]);
    expect(json.detail).toBe(`expires_in_seconds ${message}.`);
  },
);

describe('a parameter that is given twice is told so, whatever it holds', () => {
  test.each([
    ['/api/v1/payments', 'status=success&status=success', 'status'],
    ['/api/v1/payments', 'user_id=1&user_id=2', 'user_id'],
    ['/api/v1/payments', 'type=&type=', 'type'],
    ['/api/v1/payments', 'amount_min=1&amount_min=1', 'amount_min'],
    ['/api/v1/payments', 'cursor=a&cursor=b', 'cursor'],
    ['/api/v1/payments/search', 'idempotency_key=a&idempotency_key=b', 'idempotency_key'],
    ['/api/v1/payments/search', 'idempotency_key=&idempotency_key=', 'idempotency_key'],
    ['/api/v1/dlq', 'state=open&state=all', 'state'],
    ['/api/v1/unknown-payments', 'state=asking&state=asking', 'state'],
    ['/api/v1/reconciliation/exceptions', 'state=open&state=open', 'state'],
    ['/api/v1/integrity/violations', 'state=open&state=open', 'state'],
  ])('%s?%s', async (path, query, field) => {
    const { status, json } = await api.get(`${path}?${query}`);
    expect([status, json.errors]).toEqual([422, [{ field, message: 'must be given once' }]]);
  });
});

test('a member or a parameter with an empty name is reported all the same', async () => {
  const body = await api.post('/api/v1/payments/deposit', `{"user_id": ${userId}, "deposit": 1, "": 1}`);
  expect(body.json).toMatchObject({
    detail: '"" is not recognized.',
    errors: [{ field: '""', message: 'is not recognized' }],
  });
  expect((await api.get('/api/v1/payments?=1')).json.errors).toEqual([
    { field: '""', message: 'is not recognized' },
  ]);
});

describe('a parameter that an endpoint does not have', () => {
  test.each([
    '/api/v1/payments/1',
    '/api/v1/payments/1/attempts',
    '/api/v1/payments/1/timeline',
    '/api/v1/users/1',
    '/api/v1/workers',
    '/api/v1/overview',
    '/api/v1/integrity',
  ])('is refused by GET %s', async (path) => {
    const { status, json } = await api.get(`${path}?user_id=2`);
    expect([status, json.errors]).toEqual([422, [{ field: 'user_id', message: 'is not recognized' }]]);
    const { responses } = Object.entries<{ get: { responses: object } }>(
      (await api.get('/openapi.json')).json.paths,
    ).find(([pattern]) => pattern.replace(/\{\w+\}/g, '1') === path)![1].get;
    expect(Object.keys(responses)).toContain('422');
  });

  test.each(['/api/v1/payments/deposit', '/api/v1/payments/deposit/'])(
    'is refused by POST %s, and nothing is done',
    async (path) => {
      const before = await countPayments();
      const { status, json } = await api.post(`${path}?user_id=2&currency=EUR`, {
        user_id: userId,
        deposit: 1,
      });
      expect([status, json.errors]).toEqual([
        422,
        [
          { field: 'user_id', message: 'is not recognized' },
          { field: 'currency', message: 'is not recognized' },
        ],
      ]);
      expect(await countPayments()).toEqual(before);
    },
  );

  // A probe or a gateway is given one address, to which those in between add things of their own.
  test('is ignored by health checks and callbacks', async () => {
    for (const path of ['/api/v1/health', '/api/v1/health/live', '/api/v1/health/ready'])
      expect((await api.get(`${path}?from=probe`)).status).toBe(200);
    expect((await api.post('/api/v1/gateway/callbacks?from=gateway', {})).json.code).toBe(
      'signature-invalid',
    );
  });
});

test.each([
  '/API/v1/health',
  '/api/V1/health',
  '/api/v1/Health',
  '/Console/',
  '/METRICS',
  '/Docs/',
  '/OpenAPI.json',
])('%s is a different path from the one in lower case', async (path) => {
  expect(await api.get(path)).toMatchObject({ status: 404, json: { code: 'not-found' } });
});

test('a key of the greatest length is found with the quotes that it was sent in', async () => {
  const key = 'k'.repeat(255);
  const { json } = await api.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: 1 },
    { 'idempotency-key': `"${key}"` },
  );
  for (const text of [key, `%22${key}%22`])
    expect((await api.get(`/api/v1/payments/search?idempotency_key=${text}`)).json.items).toMatchObject([
      { payment_id: json.payment_id },
    ]);
});

describe('headers that say two things about the body', () => {
  const body = () => `{"user_id": ${userId}, "deposit": 1}`;
  const chunked = () => `${body().length.toString(16)}\r\n${body()}\r\n0\r\n\r\n`;
  const length = () => `Content-Length: ${body().length}`;
  const JSON_TYPE = 'Content-Type: application/json';

  test.each([
    [
      'two types',
      () => [JSON_TYPE, 'Content-Type: text/plain', length()],
      body,
      { field: 'Content-Type', message: 'must be given once' },
    ],
    [
      'two charsets',
      () => [`${JSON_TYPE}; charset=utf-8; charset=utf-16`, length()],
      body,
      { field: 'Content-Type', message: 'must be in UTF-8' },
    ],
    [
      'a transfer coding that is not undone',
      () => [JSON_TYPE, 'Transfer-Encoding: gzip, chunked'],
      chunked,
      { field: 'Transfer-Encoding', message: 'must be chunked' },
    ],
  ])('%s are refused', async (_what, headers, sent, error) => {
    const before = await countPayments();
    const answer = await sendRaw(
      `POST /api/v1/payments/deposit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers().join('\r\n')}\r\n\r\n${sent()}`,
    );
    expect(answer).toContain('HTTP/1.1 415');
    expect(answer).toContain(JSON.stringify([error]));
    expect(await countPayments()).toEqual(before);
  });
});

async function sendRaw(text: string): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}
