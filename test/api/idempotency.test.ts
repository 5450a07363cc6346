import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;
let other: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  [api, other] = await Promise.all([startTestApi(database.databaseUrl), startTestApi(database.databaseUrl)]);
});
afterAll(async () => {
  await Promise.all([api.stop(), other.stop()]);
  await database.close();
});

let keyCount = 0;
const newKey = () => {
  keyCount += 1;
  return `key-${keyCount}`;
};
const deposit = (userId: number, key: string | undefined, amount: unknown = 200, server = api) =>
  server.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: amount },
    key === undefined ? {} : { 'Idempotency-Key': key },
  );
async function countPayments(userId: number): Promise<number> {
  const { rows } = await database.pool.query(
    'select count(*)::int as count from payments where user_id = $1',
    [userId],
  );
  return rows[0].count;
}

test('without a key each request is a new payment', async () => {
  const userId = await api.user();
  const [first, second] = [await deposit(userId, undefined), await deposit(userId, undefined)];
  expect(first.json.payment_id).not.toBe(second.json.payment_id);
});

test('the same request with the same key gets the stored answer, byte for byte', async () => {
  const userId = await api.user();
  const key = newKey();
  const first = await deposit(userId, key);
  const again = await deposit(userId, key);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect([again.status, again.text, again.headers.get('location')]).toEqual([
    first.status,
    first.text,
    first.headers.get('location'),
  ]);
  expect(await countPayments(userId)).toBe(1);
});

test('the order of members and the white space of the body do not matter', async () => {
  const userId = await api.user();
  const key = newKey();
  await deposit(userId, key, 200);
  const again = await api.post('/api/v1/payments/deposit', `{ "deposit" : 200.00, "user_id":${userId} }`, {
    'Idempotency-Key': key,
  });
  expect(again.headers.get('idempotency-replayed')).toBe('true');
});

test.each([
  ['1.10', '"1.1"', true],
  ['1.1', '"1.10"', true],
  ['1.1', '11e-1', true],
  ['1', '1.0', true],
  ['"1"', '1e0', true],
  ['"100.00"', '1E+2', true],
  ['1.1', '1.11', false],
  ['1', '10', false],
])('amounts of %s and %s with one key are one request: %s', async (first, second, isSame) => {
  const userId = await api.user();
  const key = newKey();
  const send = (body: string) => api.post('/api/v1/payments/deposit', body, { 'Idempotency-Key': key });
  const answer = await send(`{"user_id": ${userId}, "deposit": ${first}}`);
  const again = await send(`{"deposit": ${second}, "user_id": ${userId}.0}`);
  expect(answer.status).toBe(202);
  if (isSame) expect([again.status, again.text]).toEqual([202, answer.text]);
  else expect(again.json.code).toBe('idempotency-key-reused');
});

test.each(['{}', '{"balance": 0}', '{"balance": "0.00"}', '{"balance": 0e5}', ''])(
  'a user without a balance and one with a balance of none are the same request: %j',
  async (body) => {
    const key = newKey();
    const first = await api.post('/api/v1/users', '{"balance": 0.0}', { 'Idempotency-Key': key });
    const again = await api.post('/api/v1/users', body, { 'Idempotency-Key': key });
    expect([again.status, again.text]).toEqual([201, first.text]);
  },
);

test('another amount with the same key is refused', async () => {
  const userId = await api.user();
  const key = newKey();
  await deposit(userId, key, 200);
  expect(await deposit(userId, key, 201)).toMatchObject({
    status: 422,
    json: { code: 'idempotency-key-reused', retry: 'new-key' },
  });
  expect(await countPayments(userId)).toBe(1);
});

test('another endpoint with the same key is refused', async () => {
  const userId = await api.user();
  const key = newKey();
  await deposit(userId, key, 50);
  const withdrawal = await api.post(
    '/api/v1/payments/withdraw',
    { user_id: userId, amount: 50 },
    { 'Idempotency-Key': key },
  );
  expect(withdrawal).toMatchObject({ status: 422, json: { code: 'idempotency-key-reused' } });
});

test('two users may use the same key', async () => {
  const key = newKey();
  const answers = [await deposit(await api.user(), key), await deposit(await api.user(), key)];
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  expect(answers[0]?.json.payment_id).not.toBe(answers[1]?.json.payment_id);
});

test('a key in quotes, and in the X- header, is the same key', async () => {
  const userId = await api.user();
  const first = await deposit(userId, 'abc');
  const quoted = await deposit(userId, '"abc"');
  const extended = await api.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: 200 },
    { 'X-Idempotency-Key': 'abc' },
  );
  expect(quoted.text).toBe(first.text);
  expect(extended.text).toBe(first.text);
});

test('a business refusal is stored: the key can never succeed later', async () => {
  const userId = await api.user(10);
  const key = newKey();
  const withdraw = () =>
    api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50 }, { 'Idempotency-Key': key });
  const refused = await withdraw();
  expect(refused).toMatchObject({ status: 422, json: { code: 'insufficient-funds' } });
  await database.pool.query('update accounts set posted = posted + 100000 where user_id = $1', [userId]);
  const again = await withdraw();
  await database.pool.query('update accounts set posted = posted - 100000 where user_id = $1', [userId]);
  expect([again.status, again.text]).toEqual([refused.status, refused.text]);
  expect(again.headers.get('content-type')).toContain('application/problem+json');
  expect(await countPayments(userId)).toBe(1);
});

test.each([
  ['a field that does not fit', { deposit: -5 }, 422],
  ['an unknown user', { user_id: 999_999_999 }, 404],
])('%s is not stored, and the key can be used for the corrected request', async (_what, change, status) => {
  const userId = await api.user();
  const key = newKey();
  const broken = await api.post(
    '/api/v1/payments/deposit',
    { user_id: userId, deposit: 200, ...change },
    { 'Idempotency-Key': key },
  );
  expect(broken.status).toBe(status);
  const mended = await deposit(userId, key);
  expect(mended.status).toBe(202);
  expect(mended.headers.get('idempotency-replayed')).toBeNull();
});

test('a key whose stored answer has expired is never executed again', async () => {
  const userId = await api.user();
  const key = newKey();
  const first = await deposit(userId, key);
  await database.pool.query(
    "update idempotency_keys set created_at = now() - interval '8 days' where scope = $1",
    [userId],
  );
  const again = await deposit(userId, key);
  const payment = `/api/v1/payments/${first.json.payment_id}`;
  expect(again).toMatchObject({
    status: 409,
    json: { code: 'idempotency-key-expired', payment, retry: 'never' },
  });
  expect(again.headers.get('location')).toBe(payment);
  expect(await countPayments(userId)).toBe(1);
});

describe('two hundred simultaneous requests with one key', () => {
  const expectOnePayment = async (answers: ApiAnswer[], userId: number) => {
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(await countPayments(userId)).toBe(1);
  };

  test('make one payment and get two hundred identical answers', async () => {
    const userId = await api.user();
    const key = newKey();
    await expectOnePayment(
      await Promise.all(Array.from({ length: 200 }, () => deposit(userId, key))),
      userId,
    );
  });

  test('do so through two API processes too, with withdrawals that hold money', async () => {
    const userId = await api.user(1000);
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (index % 2 === 0 ? api : other).post(
          '/api/v1/payments/withdraw',
          { user_id: userId, amount: 10 },
          { 'Idempotency-Key': key },
        ),
      ),
    );
    await expectOnePayment(answers, userId);
    expect((await api.get(`/api/v1/users/${userId}`)).json.pending_out).toBe(10.2);
  });
});

test('many keys used twice at once through two processes make one payment each', async () => {
  const userId = await api.user();
  const keys = Array.from({ length: 60 }, newKey);
  const answers = await Promise.all(
    keys.flatMap((key) => [deposit(userId, key, 1, api), deposit(userId, key, 1, other)]),
  );
  expect(answers.every(({ status }) => status === 202)).toBe(true);
  expect(new Set(answers.map(({ json }) => json.payment_id)).size).toBe(60);
  expect(await countPayments(userId)).toBe(60);
});

test('a user is created once for a key', async () => {
  const key = newKey();
  const create = (balance: number) => api.post('/api/v1/users/', { balance }, { 'Idempotency-Key': key });
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(5)));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(await create(6)).toMatchObject({ status: 422, json: { code: 'idempotency-key-reused' } });
});

test("a key of a user's creation whose stored answer has expired leads to that user", async () => {
  const key = newKey();
  const first = await api.post('/api/v1/users/', {}, { 'Idempotency-Key': key });
  await database.pool.query(
    "update idempotency_keys set created_at = now() - interval '8 days' where key = $1",
    [key],
  );
  const again = await api.post('/api/v1/users/', {}, { 'Idempotency-Key': key });
  const user = first.headers.get('location');
  expect(again).toMatchObject({ status: 409, json: { code: 'idempotency-key-expired', user } });
  expect(again.headers.get('location')).toBe(user);
});

test('replays and conflicts are counted, of users as of payments', async () => {
  const count = async (name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await api.get('/metrics')).text)?.[1]);
  const replays = await count('tollgate_idempotent_replays_total');
  const conflicts = await count('tollgate_idempotency_conflicts_total');
  const userId = await api.user();
  const [userKey, paymentKey] = [newKey(), newKey()];
  for (const balance of [5, 5, 6])
    await api.post('/api/v1/users/', { balance }, { 'Idempotency-Key': userKey });
  for (const amount of [5, 5, 6]) await deposit(userId, paymentKey, amount);
  expect(await count('tollgate_idempotent_replays_total')).toBe(replays + 2);
  expect(await count('tollgate_idempotency_conflicts_total')).toBe(conflicts + 2);
});

describe('a key that does not fit', () => {
  test.each([
    ['300 characters', { 'Idempotency-Key': 'x'.repeat(300) }],
    ['nothing', { 'Idempotency-Key': '' }],
    ['empty quotes', { 'Idempotency-Key': '""' }],
    ['a space inside', { 'Idempotency-Key': 'a b' }],
    ['a letter beyond ASCII', { 'Idempotency-Key': 'caf\u00e9' }],
    ['two different ones', { 'Idempotency-Key': 'a', 'X-Idempotency-Key': 'b' }],
  ])('%s is refused and names the header', async (_what, headers) => {
    const userId = await api.user();
    const answer = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 }, headers);
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'idempotency-key-malformed', errors: [{ field: 'Idempotency-Key' }] },
    });
    expect(await countPayments(userId)).toBe(0);
  });

  test('a missing one is refused where keys are required', async () => {
    const strict = await startTestApi(database.databaseUrl, { IDEMPOTENCY_KEY_REQUIRED: 'true' });
    const userId = await strict.user();
    const answer = await deposit(userId, undefined, 1, strict);
    const withKey = await deposit(userId, newKey(), 1, strict);
    await strict.stop();
    expect(answer).toMatchObject({ status: 400, json: { code: 'idempotency-key-required' } });
    expect(withKey.status).toBe(202);
  });
});

test('a request whose key is in use for long is asked to come back, and delays no others', async () => {
  const server = await startTestApi(database.databaseUrl, { DATABASE_LOCK_TIMEOUT_SECONDS: '1.5' });
  const userId = await server.user();
  const key = newKey();
  const slow = await database.pool.connect();
  await slow.query('begin');
  await slow.query(
    `insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status) values ($1, $2, '', 'payment', 1, 202)`,
    [userId, key],
  );
  const [blocked, ...neighbours] = await Promise.all([
    deposit(userId, key, 1, server),
    ...Array.from({ length: 5 }, () => deposit(userId, newKey(), 1, server)),
  ]);
  await slow.query('rollback');
  slow.release();
  const afterwards = await deposit(userId, key, 1, server);
  await server.stop();

  expect(blocked).toMatchObject({ status: 409, json: { code: 'idempotency-key-in-use', retry: 'same-key' } });
  expect(blocked.headers.get('retry-after')).toBe('1');
  expect(neighbours.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  expect(afterwards.status).toBe(202);
});
