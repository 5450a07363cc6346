import { connect } from 'node:net';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

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

async function countRows(): Promise<unknown> {
  const { rows } = await database.pool.query(`
    select (select count(*) from users) as users, (select count(*) from payments) as payments,
           (select count(*) from payment_tasks) as tasks, (select count(*) from idempotency_keys) as keys,
           (select count(*) from ledger_entries) as entries`);
  return rows[0];
}

/** A request that must be refused, must not fail the server, and must leave nothing behind. */
async function expectRefusal(
  send: () => Promise<Awaited<ReturnType<TestApi['get']>>>,
  expected: object,
): Promise<void> {
  const before = await countRows();
  const answer = await send();
  expect(answer).toMatchObject(expected);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.json).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status: answer.status,
    detail: expect.any(String),
    instance: expect.any(String),
  });
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d/);
  expect(await countRows()).toEqual(before);
}

const fieldProblem = (field: string) => ({
  status: 422,
  json: { code: 'validation-failed', errors: [{ field }] },
});

describe.each([
  ['deposit', 'deposit'],
  ['withdraw', 'amount'],
])('an amount of a %s', (endpoint, field) => {
  test.each([
    '0',
    '-1',
    '0.001',
    '"abc"',
    '1e400',
    '-1e400',
    '1e-400',
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '"NaN"',
    '"1e9999"',
    '"0x10"',
    '100000000000.01',
    '199.990000000000001',
    '"199.990000000000001"',
    '0.00000000000000000001',
    '9'.repeat(400),
  ])('of %s is refused', async (literal) => {
    const body = `{"user_id": ${userId}, "${field}": ${literal}}`;
    await expectRefusal(() => api.post(`/api/v1/payments/${endpoint}`, body), fieldProblem(field));
  });

  test('that is missing is refused', async () => {
    await expectRefusal(
      () => api.post(`/api/v1/payments/${endpoint}`, { user_id: userId }),
      fieldProblem(field),
    );
  });
});

test.each([
  '0',
  '-1',
  '1.5',
  '"1"',
  'null',
  'true',
  '{}',
  '12345678901234567890',
  '1e400',
  '9007199254740993',
])('a user_id of %s is refused', async (literal) => {
  await expectRefusal(
    () => api.post('/api/v1/payments/deposit', `{"user_id": ${literal}, "deposit": 1}`),
    fieldProblem('user_id'),
  );
});

test.each(['-1', '"abc"', 'null', '0.001', '1e400'])(
  'an opening balance of %s is refused',
  async (literal) => {
    await expectRefusal(() => api.post('/api/v1/users/', `{"balance": ${literal}}`), fieldProblem('balance'));
  },
);

test('an unknown field is refused instead of ignored', async () => {
  await expectRefusal(
    () => api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1, comment: 'EUR' }),
    fieldProblem('comment'),
  );
  await expectRefusal(
    () => api.post('/api/v1/payments/deposit', `{"user_id": ${userId}, "deposit": 1, "__proto__": {"x": 1}}`),
    fieldProblem('__proto__'),
  );
});

test('every field that is not valid is named', async () => {
  const answer = await api.post('/api/v1/payments/withdraw', {});
  expect(answer.json.errors).toEqual([
    { field: 'user_id', message: 'is required' },
    { field: 'amount', message: 'is required' },
  ]);
});

test('a missing body is refused and its fields are named', async () => {
  await expectRefusal(() => api.request('POST', '/api/v1/payments/deposit'), {
    status: 422,
    json: { errors: [{ field: 'user_id' }, { field: 'deposit' }] },
  });
});

test.each(['{', '{"user_id": 1,}', 'nonsense', '\u0000', `${'['.repeat(30_000)}`])(
  'broken JSON %# is refused',
  async (body) => {
    await expectRefusal(() => api.post('/api/v1/payments/deposit', body), {
      status: 400,
      json: { code: 'malformed-request' },
    });
  },
);

test.each(['[]', '1', '"text"', 'null', '[[[[1]]]]', `${'['.repeat(20_000)}${']'.repeat(20_000)}`])(
  'JSON %# that is not an object is refused',
  async (body) => {
    const answer = await api.post('/api/v1/payments/deposit', body);
    expect([400, 422]).toContain(answer.status);
    expect(answer.json.errors.length).toBeGreaterThan(0);
  },
);

test.each([
  ['user_id', `{"user_id": 1, "deposit": 1, "user_id": 2}`],
  ['deposit', `{"deposit": 1, "user_id": 1, "d\\u0065posit": 1}`],
  ['a', `{"user_id": 1, "deposit": {"a": [{"b": 1}, "a:"], "a" : 2}}`],
])('a body with %s twice is refused', async (field, body) => {
  await expectRefusal(() => api.post('/api/v1/payments/deposit', body), {
    status: 400,
    json: { code: 'malformed-request', errors: [{ field, message: 'must be given once' }] },
  });
});

test.each([
  ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d])],
  ['UTF-16', Buffer.from('{"user_id": 1, "deposit": 1}', 'utf16le')],
])('a body in %s is refused', async (_what, body) => {
  const response = await fetch(`${api.origin}/api/v1/payments/deposit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'malformed-request' }]);
});

test('text with half a character is refused, because the database would store another', async () => {
  await expectRefusal(
    () => api.post('/api/v1/dlq/1/discard', '{"reason": "a\\ud800b"}'),
    fieldProblem('reason'),
  );
});

test('a body of 2 MB is refused', async () => {
  const body = JSON.stringify({ user_id: userId, deposit: 1, x: 'x'.repeat(2_000_000) });
  await expectRefusal(() => api.post('/api/v1/payments/deposit', body), {
    status: 413,
    json: { code: 'body-too-large' },
  });
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=latin1',
  'application/json; charset=utf-16',
])('a body of type %s is refused', async (type) => {
  await expectRefusal(
    () => api.post('/api/v1/payments/deposit', '{"user_id": 1, "deposit": 1}', { 'content-type': type }),
    { status: 415, json: { code: 'unsupported-media-type' } },
  );
});

test('a compressed body is refused', async () => {
  await expectRefusal(
    () =>
      api.post('/api/v1/payments/deposit', '{"user_id": 1, "deposit": 1}', { 'content-encoding': 'gzip' }),
    { status: 415, json: { code: 'unsupported-media-type' } },
  );
});

test('an unknown user is answered 404 and named', async () => {
  await expectRefusal(() => api.post('/api/v1/payments/deposit', { user_id: 999_999, deposit: 1 }), {
    status: 404,
    json: { code: 'user-not-found', errors: [{ field: 'user_id' }] },
  });
});

test.each([
  ['/api/v1/payments/999999', 404, 'payment-not-found'],
  ['/api/v1/payments/999999/attempts', 404, 'payment-not-found'],
  ['/api/v1/payments/abc', 422, 'validation-failed'],
  ['/api/v1/payments/-1', 422, 'validation-failed'],
  ['/api/v1/payments/0', 422, 'validation-failed'],
  ['/api/v1/payments/99999999999999999999', 422, 'validation-failed'],
  ['/api/v1/payments/9007199254740993', 422, 'validation-failed'],
  ['/api/v1/users/999999', 404, 'user-not-found'],
  ['/api/v1/dlq/999999', 404, 'dead-letter-not-found'],
  ['/api/v1/dlq?limit=-1', 422, 'validation-failed'],
  ['/api/v1/payments/%ff', 400, 'malformed-request'],
  ['/api/v2/payments', 404, 'not-found'],
  ['/', 404, 'not-found'],
])('GET %s is answered %s %s', async (path, status, code) => {
  await expectRefusal(() => api.get(path), { status, json: { code } });
});

test('a path that cannot be decoded is blamed on the path, not on a body', async () => {
  expect((await api.get('/api/v1/payments/%ff')).json.errors).toMatchObject([{ field: 'path' }]);
});

test('a parameter that is given twice is refused in plain words', async () => {
  expect((await api.get('/api/v1/payments?limit=1&limit=2')).json.errors).toEqual([
    { field: 'limit', message: 'must be given once' },
  ]);
});

test('a path that does not exist is answered 404, whatever is sent to it', async () => {
  await expectRefusal(() => api.post('/api/v1/nothing', 'text', { 'content-type': 'text/plain' }), {
    status: 404,
    json: { code: 'not-found' },
  });
});

test.each([
  ['redrive', 'by'],
  ['redrive', 'reason'],
  ['discard', 'reason'],
])('text that Postgres cannot store is refused in a %s (%s)', async (action, field) => {
  const body = JSON.stringify({ reason: 'x', [field]: 'a\u0000b' });
  await expectRefusal(() => api.post(`/api/v1/dlq/1/${action}`, body), fieldProblem(field));
});

test('a wrong method is refused and the right ones are named', async () => {
  const answer = await api.request('DELETE', '/api/v1/payments/1');
  expect(answer).toMatchObject({ status: 405, json: { code: 'method-not-allowed' } });
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
  expect((await api.request('PUT', '/api/v1/payments/deposit')).headers.get('allow')).toBe('POST');
  const notAPayment = await api.get('/api/v1/payments/deposit');
  expect([notAPayment.status, notAPayment.headers.get('allow')]).toEqual([405, 'POST']);
});

async function sendText(text: string): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

test('an answer to HEAD has no body, even where the request could not be read', async () => {
  const answer = await sendText(
    `HEAD /api/v1/health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).toMatch(/\r\n\r\n$/);
});

test.each([
  ['headers of 64 KB', `GET /api/v1/health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`, 431],
  ['what is no HTTP', 'hello\r\n\r\n', 400],
  ['an address that is none', 'GET http://[/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
  ['a request without a host', 'GET /api/v1/health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['an address of 20 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
  ['an odd expectation', 'GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nExpect: a miracle\r\n\r\n', 417],
])('%s is answered with a problem', async (_what, text, status) => {
  const answer = await sendText(text);
  expect(answer).toContain(`HTTP/1.1 ${status}`);
  expect(answer).toContain('application/problem+json');
  expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}/i);
});

test('a request id is returned, and an odd one is replaced', async () => {
  const given = await api.request('GET', '/api/v1/health/live', { headers: { 'x-request-id': 'abc-1' } });
  expect(given.headers.get('x-request-id')).toBe('abc-1');
  const odd = await api.request('GET', '/api/v1/health/live', {
    headers: { 'x-request-id': 'a b'.repeat(100) },
  });
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
