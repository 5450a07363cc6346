import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function pay(
  userId: number,
  kind: 'deposit' | 'withdraw',
  amount: number,
  key?: string,
): Promise<number> {
  const answer = await api.post(
    `/api/v1/payments/${kind}`,
    { user_id: userId, [kind === 'deposit' ? 'deposit' : 'amount']: amount },
    key === undefined ? {} : { 'idempotency-key': key },
  );
  return answer.json.payment_id;
}

async function settleAll(): Promise<void> {
  scripted.answerSends(() => answers.succeeded);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

test('a statement shows what was posted, with the balance after each line', async () => {
  const userId = await api.user(1000);
  const deposit = await pay(userId, 'deposit', 200);
  await settleAll();
  const withdrawal = await pay(userId, 'withdraw', 50);
  await settleAll();
  const { items } = (await api.get(`/api/v1/users/${userId}/statement`)).json;
  expect(items).toMatchObject([
    { payment_id: withdrawal, step: 'settle', amount: -51, balance_after: 1145 },
    { payment_id: deposit, step: 'settle', amount: 196, balance_after: 1196 },
    { payment_id: null, amount: 1000, balance_after: 1000 },
  ]);
});

test('a statement read page by page has the same balances', async () => {
  const userId = await api.user(10);
  for (const amount of [1, 2, 3]) {
    await pay(userId, 'deposit', amount);
    await settleAll();
  }
  const path = `/api/v1/users/${userId}/statement`;
  const whole = (await api.get(path)).json.items;
  const paged: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: unknown[]; next_cursor: string | null } = (
      await api.get(`${path}?limit=1${cursor ? `&cursor=${cursor}` : ''}`)
    ).json;
    paged.push(...page.items);
    cursor = page.next_cursor;
  }
  expect(paged).toEqual(whole);
  expect(whole).toHaveLength(4);
});

test('a search respects the requested status and type', async () => {
  const userId = await api.user(1000);
  const deposit = await pay(userId, 'deposit', 20, 'key-of-two-kinds');
  await settleAll();
  const otherUserId = await api.user(1000);
  const withdrawal = await pay(otherUserId, 'withdraw', 20, 'key-of-two-kinds');
  const find = async (conditions: string) => {
    const { items } = (await api.get(`/api/v1/payments/search?idempotency_key=key-of-two-kinds${conditions}`))
      .json;
    return items.map(({ payment_id }: { payment_id: number }) => payment_id);
  };
  expect(await find('')).toEqual([withdrawal, deposit]);
  expect(await find('&type=deposit')).toEqual([deposit]);
  expect(await find('&type=withdraw&status=processing')).toEqual([withdrawal]);
  expect(await find('&status=success')).toEqual([deposit]);
  expect(await find('&status=failed')).toEqual([]);
  expect(await find(`&type=deposit&user_id=${otherUserId}`)).toEqual([]);
  expect(await api.get('/api/v1/payments/search?reference=1-a&status=gone')).toMatchObject({
    status: 422,
    json: { errors: [{ field: 'status' }] },
  });
});

test('a hold is not on the statement', async () => {
  const userId = await api.user(100);
  await pay(userId, 'withdraw', 50);
  expect((await api.get(`/api/v1/users/${userId}/statement`)).json.items).toHaveLength(1);
  await settleAll();
});

test('the statement of an unknown user is answered 404', async () => {
  expect(await api.get('/api/v1/users/999999/statement')).toMatchObject({ status: 404 });
});

test('a payment is found by its key, with and without its user', async () => {
  const userId = await api.user();
  const paymentId = await pay(userId, 'deposit', 5, 'key-of-a-client');
  await pay(await api.user(), 'deposit', 5, 'another-key');
  for (const more of ['', `&user_id=${userId}`]) {
    const { items } = (await api.get(`/api/v1/payments/search?idempotency_key=key-of-a-client${more}`)).json;
    expect(items.map(({ payment_id }: { payment_id: number }) => payment_id)).toEqual([paymentId]);
  }
  const quoted = encodeURIComponent('"key-of-a-client"');
  expect((await api.get(`/api/v1/payments/search?idempotency_key=${quoted}`)).json.items).toHaveLength(1);
  const ofOther = await api.get(`/api/v1/payments/search?idempotency_key=key-of-a-client&user_id=999999`);
  expect(ofOther.json.items).toEqual([]);
});

test("the key of a user's creation finds no payment", async () => {
  await api.post('/api/v1/users', {}, { 'idempotency-key': 'key-of-a-user' });
  expect((await api.get('/api/v1/payments/search?idempotency_key=key-of-a-user')).json.items).toEqual([]);
});

test('a payment is found by the reference of the gateway, and by ours', async () => {
  const paymentId = await pay(await api.user(), 'deposit', 5);
  await settleAll();
  const { rows } = await database.pool.query(
    'select reference, gateway_reference from payments where id = $1',
    [paymentId],
  );
  for (const query of [`gateway_reference=${rows[0].gateway_reference}`, `reference=${rows[0].reference}`]) {
    const { items } = (await api.get(`/api/v1/payments/search?${query}`)).json;
    expect(items).toContainEqual(expect.objectContaining({ payment_id: paymentId }));
  }
});

test.each(['reference=none', 'reference=1-000000000000', 'gateway_reference=none', ''])(
  'nothing is found for %s',
  async (query) => {
    expect(await api.get(`/api/v1/payments/search?${query}`)).toMatchObject({
      status: 200,
      json: { items: [] },
    });
  },
);

test('two search terms at once are refused', async () => {
  expect(await api.get('/api/v1/payments/search?reference=1-a&idempotency_key=b')).toMatchObject({
    status: 422,
  });
});

test('the overview counts what exists', async () => {
  const userId = await api.user();
  await pay(userId, 'deposit', 5);
  // An overview is shared for a second.
  const overview = await waitUntil('an overview with the payment', async () => {
    const { json } = await api.get('/api/v1/overview');
    return json.queue.ready === 1 && json;
  });
  expect(overview).toMatchObject({
    queue: { ready: 1, running: 0 },
    workers: { alive: 0, paused: false },
    attention: { violations: 0, dead_letters: {} },
  });
  expect(overview.newest.p50_seconds).toBeGreaterThan(0);
  await settleAll();
});

test('letters are filtered by reason, user and whether they are open', async () => {
  const userId = await world.user();
  scripted.answerSends(() => answers.refused);
  await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  const count = async (query: string) => (await api.get(`/api/v1/dlq?${query}`)).json.items.length;
  expect(await count(`user_id=${userId}&reason=refused&type=withdraw&state=open`)).toBe(1);
  for (const other of ['reason=poison', 'type=deposit', 'state=handled', 'user_id=999999'])
    expect(await count(`user_id=${userId}&${other}`.replace(/user_id=\d+&user_id/, 'user_id'))).toBe(0);
});

test('a bulk redrive is counted first, and its progress can be read afterwards', async () => {
  expect((await api.get('/api/v1/bulk-redrives/preview?reason=refused')).json).toEqual({
    count: 1,
    is_capped: false,
  });
  const started = await api.post('/api/v1/bulk-redrives', {
    reason_is: 'refused',
    by: 'ana',
    reason: 'again',
  });
  expect(started).toMatchObject({ status: 202, json: { state: 'running', total: 1, per_second: 20 } });
  const path = `/api/v1/bulk-redrives/${started.json.id}`;
  expect(await api.post(`${path}/stop`, { by: 'bea' })).toMatchObject({ json: { state: 'stopped' } });
  expect(await api.post(`${path}/stop`, { by: 'bea' })).toMatchObject({
    status: 409,
    json: { code: 'bulk-redrive-ended' },
  });
  expect(await api.post(`${path}/resume`, { by: 'bea' })).toMatchObject({ json: { state: 'running' } });
  expect((await api.get('/api/v1/bulk-redrives')).json.items[0]).toMatchObject({ id: started.json.id });
  expect(await api.get('/api/v1/bulk-redrives/999')).toMatchObject({ status: 404 });
});
