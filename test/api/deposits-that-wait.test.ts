import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createDatabaseProxy } from '../support/database-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  // Long enough that whatever settles a deposit in these tests comes first.
  api = await startTestApi(database.databaseUrl, PATIENT);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const PATIENT = {
  METRICS_MAX_AGE_SECONDS: '0.01',
  API_DEPOSIT_WAIT_SECONDS: '50',
  API_REQUEST_TIMEOUT_SECONDS: '110',
};
const HASTY = { API_DEPOSIT_WAIT_SECONDS: '0.2' };

/** The three calls by which a client deposits and waits. */
const deposits = {
  'the account in the path': (
    at: TestApi,
    user: number | string,
    body: object,
    headers: Record<string, string> = {},
  ) => at.post(`/api/v1/accounts/${user}/deposit`, body, headers),
  'the user in the header': (
    at: TestApi,
    user: number | string,
    body: object,
    headers: Record<string, string> = {},
  ) => at.post('/api/v1/accounts/deposit', body, { 'X-User-Id': String(user), ...headers }),
  'the wallet in the path': (
    at: TestApi,
    user: number | string,
    body: object,
    headers: Record<string, string> = {},
  ) => at.post(`/api/wallet/${user}/deposit`, body, headers),
};
const deposit = deposits['the account in the path'];

/** Carries out what is in the queue, now and until it is stopped. */
function startWorker(answer: 'succeeded' | 'refused' | 'unknown' = 'succeeded') {
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers[answer]);
  scripted.answerInquiries(() => ({ ...answers.unknown }));
  const policy = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 0 };
  const worker = world.worker(scripted.gateway, { policy });
  worker.start();
  return { sent: scripted.sent, stop: () => worker.stop(1000) };
}

async function paymentsOf(user: number): Promise<number[]> {
  const { rows } = await database.pool.query('select id::int from payments where user_id = $1 order by id', [
    user,
  ]);
  return rows.map(({ id }) => id);
}

const anAcceptedDeposit = (user: number) =>
  waitUntil('an accepted deposit', async () => (await paymentsOf(user)).length > 0);

describe.each(Object.entries(deposits))('a deposit that names %s', (_how, send) => {
  test('is answered with the balance once it is settled', async () => {
    const user = randomUUID();
    const created = (await api.post(`/api/v1/accounts/${user}`, {})).json;
    const worker = startWorker();
    const answer = await send(api, user.toUpperCase(), { amount: '200.50' });
    await worker.stop();
    expect(answer).toMatchObject({
      status: 200,
      json: {
        user_id: user,
        status: 'success',
        amount: 200.5,
        amount_minor: '20050',
        balance: 196.49,
        balance_minor: '19649',
        currency: 'USD',
        created_at: created.created_at,
      },
    });
    const { payment_id, updated_at } = answer.json;
    expect(updated_at > created.created_at).toBe(true);
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`/api/v1/payments/${payment_id}`);
    expect((await api.get(location)).json).toMatchObject({ status: 'success', amount: 200.5 });
    const read = (await api.get(`/api/wallet/${user}`)).json;
    expect(read).toEqual({
      ...{ user_id: user, balance: 196.49, balance_minor: '19649', currency: 'USD' },
      ...{ created_at: created.created_at, updated_at },
    });
  });

  test('that fails is a problem that names the payment', async () => {
    const user = await api.user(0);
    const worker = startWorker('refused');
    const answer = await send(api, user, { deposit: 10 });
    await worker.stop();
    const [paymentId] = await paymentsOf(user);
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'deposit-failed', retry: 'new-key', payment_id: paymentId, payment_status: 'failed' },
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('location')).toBe(`/api/v1/payments/${paymentId}`);
    expect(answer.json.detail).toContain(`Deposit ${paymentId} failed: refused`);
    expect((await api.get(`/api/wallet/${user}`)).json.balance).toBe(0);
  });

  test('with a key is one deposit, while the first request waits and afterwards', async () => {
    const user = await api.user(0);
    const headers = { 'Idempotency-Key': `wait-${user}` };
    const waiting = Array.from({ length: 20 }, () => send(api, user, { amount: 100 }, headers));
    await anAcceptedDeposit(user);
    const worker = startWorker();
    const got = await Promise.all(waiting);
    await worker.stop();
    const [paymentId, ...others] = await paymentsOf(user);
    expect(others).toEqual([]);
    expect(got.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(got.map(({ json }) => json.payment_id))).toEqual(new Set([paymentId]));
    expect(got.filter(({ headers: own }) => own.get('idempotency-replayed') === 'true')).toHaveLength(19);

    const again = await send(api, user, { deposit: '100.00', currency: 'USD' }, headers);
    expect(again).toMatchObject({ status: 200, json: got[0]?.json });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await api.get(`/api/wallet/${user}`)).json.balance).toBe(98);
    expect(await send(api, user, { amount: 101 }, headers)).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused' },
    });
  });
});

describe('the wait of a deposit', () => {
  test('ends after a while, and says where to look', async () => {
    const hasty = await startTestApi(database.databaseUrl, HASTY);
    const user = await hasty.user(0);
    const headers = { 'Idempotency-Key': 'waits-in-vain' };
    const answer = await deposit(hasty, user, { amount: 10 }, headers);
    const [paymentId] = await paymentsOf(user);
    expect(answer).toMatchObject({
      status: 202,
      json: { user_id: user, payment_id: paymentId, status: 'processing', amount: 10, currency: 'USD' },
    });
    expect(answer.json.balance).toBeUndefined();
    expect(answer.headers.get('location')).toBe(`/api/v1/payments/${paymentId}`);
    await emptyQueue();
    // By a request that may wait: reading what became of it may take longer than the other one waits.
    expect(await deposit(api, user, { amount: 10 }, headers)).toMatchObject({
      status: 200,
      json: { payment_id: paymentId, balance: 9.8, status: 'success' },
    });
    await hasty.stop();
  });

  test('is no longer than half of what a request may take, and is left out where it is 0', async () => {
    for (const settings of [
      { API_DEPOSIT_WAIT_SECONDS: '50', API_REQUEST_TIMEOUT_SECONDS: '8' },
      { API_DEPOSIT_WAIT_SECONDS: '0' },
    ]) {
      const hurried = await startTestApi(database.databaseUrl, settings);
      const user = await hurried.user(0);
      expect(await deposit(hurried, user, { amount: 10 })).toMatchObject({
        status: 202,
        json: { status: 'processing' },
      });
      await hurried.stop();
    }
    await emptyQueue();
  });

  test('ends at once where the outcome is not known, which is no failure', async () => {
    const user = await api.user(0);
    const worker = startWorker('unknown');
    const answer = await deposit(api, user, { amount: 10 });
    await worker.stop();
    expect(answer).toMatchObject({ status: 202, json: { status: 'unknown' } });
  });

  test('holds no connection, and one query asks for all who wait', async () => {
    const begun = await database.pool.query('select clock_timestamp()::text as at');
    const single = await startTestApi(database.databaseUrl, { ...PATIENT, DATABASE_POOL_SIZE: '1' });
    const users = await Promise.all(Array.from({ length: 40 }, () => single.user(0)));
    const waiting = users.map((user) => deposit(single, user, { amount: 10 }));
    await waitUntil('all to be accepted', async () => (await world.count('payment_tasks')) === users.length);
    // With every connection of its pools held by those who wait, none of these would be answered.
    for (const user of users.slice(0, 5)) {
      expect((await single.get(`/api/v1/users/${user}`)).status).toBe(200);
      expect((await single.post('/api/v1/payments/deposit', { user_id: user, deposit: 1 })).status).toBe(202);
    }
    // The other API of these tests has sessions that have asked before.
    const { rows } = await database.pool.query(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and application_name like '%api-read' and query like '%status <> ''new''%'
         and backend_start >= $1`,
      [begun.rows[0].at],
    );
    expect(rows[0].count).toBeLessThanOrEqual(2);
    const worker = startWorker();
    const got = await Promise.all(waiting);
    await worker.stop();
    expect(got.map(({ status }) => status)).toEqual(users.map(() => 200));
    await single.stop();
  });

  test('ends when the API stops, which answers who waits', async () => {
    const stopping = await startTestApi(database.databaseUrl, PATIENT);
    const user = await stopping.user(0);
    const waiting = deposit(stopping, user, { amount: 10 });
    await anAcceptedDeposit(user);
    const [answer] = await Promise.all([waiting, stopping.stop()]);
    expect(answer).toMatchObject({ status: 202, json: { status: 'processing' } });
    await emptyQueue();
  });

  test('ends when the client hangs up', async () => {
    const user = await api.user(0);
    const before = await waitingNow();
    const body = '{"amount": 10}';
    const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
    socket.write(
      `POST /api/v1/accounts/${user}/deposit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await waitUntil('one more who waits', async () => (await waitingNow()) === before + 1);
    socket.destroy();
    await waitUntil('nobody who waits', async () => (await waitingNow()) === before);
    await emptyQueue();
    expect((await api.get(`/api/wallet/${user}`)).json.balance).toBe(9.8);
  });

  test('outlasts a database that goes away, and whatever cannot be read leaves the deposit accepted', async () => {
    const proxy = await createDatabaseProxy(database.databaseUrl);
    const far = await startTestApi(proxy.url, {
      ...PATIENT,
      DATABASE_CONNECT_TIMEOUT_SECONDS: '5',
    });
    const user = await far.user(0);
    const goesAway = deposit(far, user, { amount: 10 });
    await waitUntil('a deposit that waits', async () => (await waitingNow(far)) === 1);
    await proxy.cut();
    const worker = startWorker();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await proxy.listen();
    expect(await goesAway).toMatchObject({ status: 200, json: { balance: 9.8 } });

    proxy.decide((sent) => (sent.includes('payment.wallet_id') ? 'cut' : 'pass'));
    const unread = await deposit(far, user, { amount: 10 });
    expect(unread).toMatchObject({ status: 202, json: { status: 'success', amount: 10 } });
    expect(unread.json.balance).toBeUndefined();
    proxy.reset();

    await worker.stop();
    const hasty = await startTestApi(proxy.url, { ...PATIENT, API_DEPOSIT_WAIT_SECONDS: '8' });
    const staysAway = deposit(hasty, user, { amount: 10 });
    await waitUntil('another deposit that waits', async () => (await waitingNow(hasty)) === 1);
    await proxy.cut();
    expect(await staysAway).toMatchObject({ status: 202, json: { status: 'processing' } });
    await Promise.all([far.stop(), hasty.stop()]);
    await emptyQueue();
  });
});

/** Leaves nothing in the queue for other tests. */
async function emptyQueue(): Promise<void> {
  const worker = startWorker();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop();
}

async function waitingNow(at: TestApi = api): Promise<number> {
  const { text } = await at.get('/metrics');
  return Number(/^tollgate_deposits_waiting (\d+)$/m.exec(text)?.[1]);
}

test.each([
  ['amount', {}, 'is required, or deposit instead'],
  ['deposit', { amount: 1, deposit: 1 }, 'must not be given beside amount'],
  ['amount', { amount: 0 }, 'must be greater than 0'],
  ['deposit', { deposit: '-1' }, 'must be greater than 0'],
  ['amount', { amount: '1.001' }, 'must have at most 2 decimals in USD'],
  ['amount', { amount: '1.5', currency: 'JPY' }, 'must have at most 0 decimals in JPY'],
  ['amount', { amount: null }, 'must be a number, or a string with a decimal number'],
  ['user_id', { amount: 1, user_id: 5 }, 'is not recognized'],
])('a deposit whose %s is wrong is not accepted: %j', async (field, body, message) => {
  const user = await api.user(0);
  for (const send of Object.values(deposits))
    expect(await send(api, user, body)).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field, message }] },
    });
  expect(await paymentsOf(user)).toEqual([]);
});

test('a deposit in a currency in which the user has no wallet leaves its key free', async () => {
  const user = await api.user(0);
  const headers = { 'Idempotency-Key': `no-wallet-${user}` };
  expect(await deposit(api, user, { amount: 5, currency: 'EUR' }, headers)).toMatchObject({
    status: 409,
    json: { code: 'wallet-not-found' },
  });
  await api.post(`/api/v1/users/${user}/wallets`, { currency: 'EUR' });
  const worker = startWorker();
  expect(await deposit(api, user, { amount: 5, currency: 'EUR' }, headers)).toMatchObject({
    status: 200,
    json: { balance: 4.9, currency: 'EUR' },
  });
  await worker.stop();
});
