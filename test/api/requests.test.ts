import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

describe('the documented requests', () => {
  test('create a user, deposit, withdraw and read the payment', async () => {
    const user = await api.post('/api/v1/users/', { balance: 1000 });
    expect(user).toMatchObject({ status: 201, json: { balance: 1000, available: 1000, currency: 'USD' } });
    const userId = user.json.id;
    expect(user.headers.get('location')).toBe(`/api/v1/users/${userId}`);

    const deposit = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 200 });
    expect(deposit.status).toBe(202);
    expect(deposit.json).toEqual({
      payment_id: expect.any(Number),
      user_id: userId,
      status: 'processing',
      deposit: 200,
      deposit_minor: '20000',
    });
    expect(deposit.headers.get('location')).toBe(`/api/v1/payments/${deposit.json.payment_id}`);

    const withdrawal = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50 });
    expect(withdrawal.status).toBe(202);
    expect(withdrawal.json).toMatchObject({ user_id: userId, status: 'processing', withdraw: 50 });

    expect((await api.get(`/api/v1/payments/${deposit.json.payment_id}`)).json).toMatchObject({
      payment_id: deposit.json.payment_id,
      user_id: userId,
      type: 'deposit',
      amount: 200,
      commission: 4,
      currency: 'USD',
      status: 'processing',
      attempts: 0,
      last_error: null,
      transaction_status: 'none',
    });
    expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({
      balance: 1000,
      available: 949,
      pending_out: 51,
      pending_in: 196,
    });
    expect((await api.get(`/api/v1/payments/${deposit.json.payment_id}/attempts`)).json).toEqual({
      items: [],
    });
  });

  test('work with and without a slash at the end, and with decimal strings', async () => {
    const user = await api.post('/api/v1/users', { balance: '10.50' });
    expect(user.json.balance).toBe(10.5);
    const deposit = await api.post('/api/v1/payments/deposit/', { user_id: user.json.id, deposit: '199.99' });
    expect(deposit.json.deposit).toBe(199.99);
  });

  test('create a user with nothing when no balance is given', async () => {
    expect(await api.post('/api/v1/users/', {})).toMatchObject({ status: 201, json: { balance: 0 } });
    expect(await api.request('POST', '/api/v1/users/')).toMatchObject({ status: 201, json: { balance: 0 } });
  });
});

describe('the list of payments', () => {
  test('goes from page to page, newest first, without missing or repeating any', async () => {
    const userId = await api.user();
    const made: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      made.push(
        (await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 })).json.payment_id,
      );
    }
    const seen: number[] = [];
    let path: string | undefined = `/api/v1/payments?user_id=${userId}&limit=3`;
    while (path) {
      const page: Awaited<ReturnType<TestApi['get']>> = await api.get(path);
      expect(page.json.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.json.items.map((item: { payment_id: number }) => item.payment_id));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
      expect(Boolean(path)).toBe(page.json.next_cursor !== null);
    }
    expect(seen).toEqual(made.toReversed());
  });

  test('can be narrowed by status and type', async () => {
    const userId = await api.user(10);
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 });
    await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 500 });
    const failed = await api.get(`/api/v1/payments?user_id=${userId}&status=failed`);
    expect(failed.json.items).toMatchObject([
      { type: 'withdraw', status: 'failed', last_error: 'insufficient funds' },
    ]);
    const fresh = await api.get(`/api/v1/payments?user_id=${userId}&status=processing&type=deposit`);
    expect(fresh.json.items).toMatchObject([{ type: 'deposit', status: 'processing' }]);
    for (const status of ['unknown', 'success']) {
      expect((await api.get(`/api/v1/payments?user_id=${userId}&status=${status}`)).json.items).toEqual([]);
    }
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['cursor=nonsense', 'cursor'],
    ['status=done', 'status'],
    ['status=new', 'status'],
    ['user_id=-1', 'user_id'],
    ['typ=deposit', 'typ'],
  ])('refuses %s and names the field', async (query, field) => {
    const answer = await api.get(`/api/v1/payments?${query}`);
    expect(answer).toMatchObject({ status: 422, json: { code: 'validation-failed', errors: [{ field }] } });
  });
});

describe('insufficient funds', () => {
  test('refuse a withdrawal at once, say what is available, and record a failed payment', async () => {
    const userId = await api.user(100);
    await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50 });
    const refused = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 49 });
    expect(refused).toMatchObject({
      status: 422,
      json: { code: 'insufficient-funds', available: 49, needed: 49.98, retry: 'new-key' },
    });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    const payment = await api.get(`/api/v1/payments/${refused.json.payment_id}`);
    expect(payment.json).toMatchObject({ status: 'failed', transaction_status: 'none', attempts: 0 });
    expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({ balance: 100, available: 49 });
  });

  test('never let a wallet below zero when many withdrawals come at once', async () => {
    const userId = await api.user(100);
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5 })),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(19);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(41);
    expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({
      balance: 100,
      available: 3.1,
      pending_out: 96.9,
    });
  });
});

describe('health, metrics and documentation', () => {
  test.each(['/api/v1/health', '/api/v1/health/live', '/api/v1/health/ready'])('%s says ok', async (path) => {
    expect(await api.get(path)).toMatchObject({ status: 200, json: { status: 'ok' } });
  });

  test('metrics count what was accepted, by route pattern and not by address', async () => {
    const userId = await api.user();
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 });
    await api.get(`/api/v1/users/${userId}`);
    await api.get('/no/such/path');
    await api.post('/api/v1/payments/withdraw', '{');
    await api.request('DELETE', '/api/v1/payments/1');
    const { text } = await api.get('/metrics');
    expect(text).toMatch(/tollgate_payments_accepted_total\{type="deposit"\} [1-9]/);
    expect(text).toMatch(
      /tollgate_http_requests_total\{method="GET",route="\/api\/v1\/users\/\{user_id\}",status="200"\} \d/,
    );
    expect(text).toMatch(/route="unmatched",status="404"/);
    expect(text).toMatch(/method="POST",route="\/api\/v1\/payments\/withdraw",status="400"/);
    expect(text).toMatch(/method="other",route="\/api\/v1\/payments\/\{payment_id\}",status="405"/);
    expect(text).toMatch(/tollgate_queue_depth\{state="ready"\} \d/);
    expect(text).toMatch(/tollgate_database_pool_connections\{pool="hot",state="idle"\} \d/);
    expect(text).toMatch(/tollgate_database_pool_connections\{pool="read",state="waiting"\} 0/);
    expect(text).toMatch(/tollgate_http_connections [1-9]/);
    expect(text).not.toContain('/no/such/path');
  });

  test('Swagger UI is served from here and reads the description of the API', async () => {
    const page = await api.get('/docs/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui');
    expect(page.text).not.toMatch(/src="https?:/);
    expect((await api.get('/docs/swagger-ui-bundle.js')).status).toBe(200);
    expect((await api.get('/docs/swagger-ui-init.js')).text).toContain('/openapi.json');
  });

  test('every problem type has a page', async () => {
    expect(await api.get('/problems/insufficient-funds')).toMatchObject({
      status: 200,
      json: { status: 422 },
    });
    expect(await api.get('/problems/no-such-problem')).toMatchObject({
      status: 404,
      json: { code: 'not-found' },
    });
  });
});
