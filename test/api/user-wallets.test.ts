import { createPool } from '../../src/database/database.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { DEFAULT_CURRENCY: 'USD', TRANSACTION_FEE: '0' });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const walletsOf = (userId: number) => `/api/v1/users/${userId}/wallets`;
const open = (userId: number, currency: unknown, headers: Record<string, string> = {}) =>
  api.post(walletsOf(userId), { currency }, headers);
const wallet = async (userId: number, currency: string) =>
  (await api.get(`${walletsOf(userId)}/${currency}`)).json;
async function countWallets(userId: number): Promise<number> {
  const { rows } = await database.pool.query(
    'select count(*)::int as count from accounts where user_id = $1',
    [userId],
  );
  return rows[0].count;
}
async function carryOut(): Promise<void> {
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.succeeded);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

describe('the wallets of a user', () => {
  test('are listed by currency, each with its amounts in its own decimals', async () => {
    const userId = await api.user('10.5');
    expect((await open(userId, 'JPY')).status).toBe(201);
    expect((await open(userId, 'KWD')).status).toBe(201);
    const deposits = [
      ['JPY', '1234'],
      ['KWD', '1.005'],
      ['USD', '0.25'],
    ] as const;
    for (const [currency, deposit] of deposits)
      expect(
        await api.post('/api/v1/payments/deposit', { user_id: userId, deposit, currency }),
      ).toMatchObject({ status: 202 });
    await carryOut();
    const withdrawal = { user_id: userId, amount: '0.005', currency: 'KWD' };
    expect((await api.post('/api/v1/payments/withdraw', withdrawal)).status).toBe(202);

    const listed = await api.get(walletsOf(userId));
    const figures = { held: 0, held_minor: '0', created_at: expect.stringMatching(/Z$/) };
    expect(listed).toMatchObject({
      status: 200,
      json: {
        items: [
          {
            ...figures,
            user_id: userId,
            currency: 'USD',
            balance: 10.75,
            balance_minor: '1075',
            available: 10.75,
            available_minor: '1075',
          },
          {
            ...figures,
            currency: 'JPY',
            balance: 1234,
            balance_minor: '1234',
            available: 1234,
            available_minor: '1234',
          },
          {
            currency: 'KWD',
            balance: 1.005,
            balance_minor: '1005',
            held: 0.005,
            held_minor: '5',
            available: 1,
            available_minor: '1000',
          },
        ],
      },
    });
    for (const [index, currency] of ['USD', 'JPY', 'KWD'].entries())
      expect(await wallet(userId, currency)).toEqual(listed.json.items[index]);
    // The user's own answer stays what it was: the wallet that the user began with.
    expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({
      currency: 'USD',
      balance: 10.75,
    });
    await carryOut();
    expect(await world.violations()).toEqual([]);
  });

  test('get and give only what is of their currency', async () => {
    const userId = await api.user(100);
    await open(userId, 'JPY');
    await open(userId, 'KWD');
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 500, currency: 'JPY' });
    await carryOut();
    await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 200, currency: 'JPY' });
    await carryOut();
    expect(await wallet(userId, 'JPY')).toMatchObject({ balance: 300, held: 0 });
    expect(await wallet(userId, 'USD')).toMatchObject({ balance: 100 });
    // What lies in another currency is not available in this one.
    const refused = await api.post('/api/v1/payments/withdraw', {
      user_id: userId,
      amount: '0.001',
      currency: 'KWD',
    });
    expect(refused).toMatchObject({ status: 422, json: { code: 'insufficient-funds', currency: 'KWD' } });
    expect(await wallet(userId, 'KWD')).toMatchObject({ balance: 0, held: 0 });
    expect(await world.violations()).toEqual([]);
  });

  test('have a statement each', async () => {
    const userId = await api.user(100);
    await open(userId, 'KWD');
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: '1.125', currency: 'KWD' });
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: '2', currency: 'KWD' });
    await carryOut();
    const statement = (query = '') => api.get(`/api/v1/users/${userId}/statement${query}`);
    expect((await statement()).json.items).toMatchObject([
      { step: 'open', currency: 'USD', amount: 100, balance_after: 100 },
    ]);
    expect((await statement('?currency=USD')).text).toBe((await statement()).text);
    const dinars = (await statement('?currency=KWD')).json.items;
    expect(dinars).toHaveLength(2);
    expect(dinars[0]).toMatchObject({ currency: 'KWD', balance_after: 3.125, balance_after_minor: '3125' });
    const first = await statement('?currency=KWD&limit=1');
    expect(first.json.items).toEqual([dinars[0]]);
    expect(first.headers.get('link')).toContain('currency=KWD');
    const second = await statement(`?currency=KWD&limit=1&cursor=${first.json.next_cursor}`);
    expect(second.json).toEqual({ items: [dinars[1]], next_cursor: null });
    for (const currency of ['EUR', 'nonsense', 'usd'])
      expect(await statement(`?currency=${currency}`)).toMatchObject({
        status: 404,
        json: { code: 'no-such-wallet', errors: [{ field: 'currency' }] },
      });
  });

  test.each([
    ['EUR', 'is EUR, but user {user} has no wallet in EUR'],
    ['usd', 'must be USD, in capital letters'],
    ['ABC', 'must not be ABC, which is not an ISO 4217 currency'],
    ['XAU', 'must not be XAU, which is not a currency that people can pay in'],
    ['BGN', 'is BGN, but user {user} has no wallet in BGN'],
    ['%00', 'must be an ISO 4217 currency code, such as USD'],
    ['%F0%9F%92%B6', 'must be an ISO 4217 currency code, such as USD'],
    ['x'.repeat(2000), 'must be an ISO 4217 currency code, such as USD'],
  ])('has none in %s, and the answer names the field', async (currency, message) => {
    const userId = await api.user();
    const expected = {
      status: 404,
      json: {
        code: 'no-such-wallet',
        errors: [{ field: 'currency', message: message.replace('{user}', String(userId)) }],
      },
    };
    expect(await api.get(`${walletsOf(userId)}/${currency}`)).toMatchObject(expected);
    expect(await api.get(`/api/v1/users/${userId}/statement?currency=${currency}`)).toMatchObject(expected);
  });

  test('of a user that is none are not found', async () => {
    for (const answer of [
      await api.get(walletsOf(987_654)),
      await api.get(`${walletsOf(987_654)}/USD`),
      await api.get(`${walletsOf(987_654)}/ABC`),
      await open(987_654, 'EUR'),
      await open(987_654, 'EUR', { 'Idempotency-Key': 'of-nobody' }),
    ])
      expect(answer).toMatchObject({ status: 404, json: { code: 'user-not-found' } });
    for (const userId of ['0', '-1', 'x', '01', '9007199254740992'])
      expect(await api.get(`/api/v1/users/${userId}/wallets`)).toMatchObject({
        status: 422,
        json: { errors: [{ field: 'user_id' }] },
      });
    const { rows } = await database.pool.query(`select 1 from idempotency_keys where key = 'of-nobody'`);
    expect(rows).toEqual([]);
  });
});

describe('opening a wallet', () => {
  test('answers where it is, and the one that there is when asked again', async () => {
    const userId = await api.user();
    const first = await open(userId, 'CLF');
    expect(first).toMatchObject({
      status: 201,
      json: { user_id: userId, currency: 'CLF', balance: 0, balance_minor: '0', held: 0, available: 0 },
    });
    expect(first.headers.get('location')).toBe(`${walletsOf(userId)}/CLF`);
    expect(first.json).toEqual(await wallet(userId, 'CLF'));
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: '0.0001', currency: 'CLF' });
    await carryOut();
    const again = await open(userId, 'CLF');
    expect(again).toMatchObject({ status: 200, json: { id: first.json.id, balance: 0.0001 } });
    expect(again.headers.get('location')).toBe(`${walletsOf(userId)}/CLF`);
    const own = await open(userId, 'USD');
    expect(own).toMatchObject({ status: 200, json: { currency: 'USD', balance: 1000 } });
    expect(await countWallets(userId)).toBe(2);
  });

  test('with a key is answered with the same bytes, whatever has happened since', async () => {
    const userId = await api.user();
    const key = { 'Idempotency-Key': 'open-jpy' };
    const first = await open(userId, 'JPY', key);
    await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 7, currency: 'JPY' });
    await carryOut();
    const again = await open(userId, 'JPY', key);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    // A wallet that was there is an answer that is kept, too.
    const found = await open(userId, 'JPY', { 'Idempotency-Key': 'open-jpy-2' });
    const foundAgain = await open(userId, 'JPY', { 'Idempotency-Key': 'open-jpy-2' });
    expect([found.status, foundAgain.status, foundAgain.text]).toEqual([200, 200, found.text]);

    expect(await open(userId, 'KWD', key)).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused' },
    });
    const body = { user_id: userId, deposit: 5 };
    expect(await api.post('/api/v1/payments/deposit', body, key)).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused' },
    });
    expect(await countWallets(userId)).toBe(2);
    // The key of one user says nothing about another's.
    const other = await api.user();
    expect(await open(other, 'JPY', key)).toMatchObject({ status: 201, json: { user_id: other } });
  });

  test('a key whose answer has expired leads to the wallet that it opened', async () => {
    const userId = await api.user();
    const key = { 'Idempotency-Key': 'old' };
    const { id } = (await open(userId, 'JPY', key)).json;
    await database.pool.query(
      `update idempotency_keys set created_at = now() - interval '1 year' where scope = $1`,
      [userId],
    );
    const expired = await open(userId, 'JPY', key);
    expect(expired).toMatchObject({
      status: 409,
      json: { code: 'idempotency-key-expired', wallet_id: id, wallet: `/api/v1/wallets/${id}` },
    });
    const location = expired.headers.get('location') as string;
    expect((await api.get(location)).json).toMatchObject(await wallet(userId, 'JPY'));
  });

  test('many times at once makes one, in one process and in several', async () => {
    const other = await startTestApi(database.databaseUrl, { DEFAULT_CURRENCY: 'USD' });
    try {
      for (const currency of ['EUR', 'GBP', 'CHF', 'SEK', 'TND']) {
        const userId = await api.user();
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            (n % 2 === 0 ? api : other).post(
              walletsOf(userId),
              { currency },
              n % 3 === 0 ? { 'Idempotency-Key': `at-once-${n}` } : {},
            ),
          ),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([...Array(11).fill(200), 201]);
        expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
        expect(await countWallets(userId)).toBe(2);
      }
    } finally {
      await other.stop();
    }
  });

  test('while somebody else opens the same one, who then does or does not', async () => {
    for (const end of ['commit', 'rollback']) {
      const userId = await api.user();
      const pool = createPool(
        database.databaseUrl,
        (await import('../support/test-config.ts')).testConfig({ DATABASE_URL: database.databaseUrl }),
        'test',
        () => {},
      );
      const client = await pool.connect();
      await open(await api.user(), 'NOK');
      await client.query('begin');
      await client.query(
        `insert into accounts (user_id, kind, currency, scale, floor) values ($1, 'wallet', 'NOK', 2, 0)`,
        [userId],
      );
      const opening = open(userId, 'NOK');
      await waitUntil('the insert waits', async () => {
        const { rows } = await database.pool.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      await client.query(end);
      client.release();
      await pool.end();
      expect((await opening).status).toBe(end === 'commit' ? 200 : 201);
      expect(await countWallets(userId)).toBe(2);
    }
  });

  test.each([
    [undefined, 'is required'],
    [null, 'must be an ISO 4217 currency code, such as USD'],
    [5, 'must be an ISO 4217 currency code, such as USD'],
    [['EUR'], 'must be an ISO 4217 currency code, such as USD'],
    ['', 'must be an ISO 4217 currency code, such as USD'],
    [' EUR', 'must be an ISO 4217 currency code, such as USD'],
    ['x'.repeat(50), 'must be an ISO 4217 currency code, such as USD'],
    ['eur', 'must be EUR, in capital letters'],
    ['XQQ', 'must not be XQQ, which is not an ISO 4217 currency'],
    ['XDR', 'must not be XDR, which is not a currency that people can pay in'],
    ['BGN', 'must not be BGN, which was replaced by EUR in 2026'],
  ])('in %j is refused by name', async (currency, message) => {
    const userId = await api.user();
    expect(await open(userId, currency)).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field: 'currency', message }] },
    });
    expect(await countWallets(userId)).toBe(1);
  });

  test('takes nothing but a currency', async () => {
    const userId = await api.user();
    expect(await api.post(walletsOf(userId), { currency: 'EUR', balance: 5 })).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'balance', message: 'is not recognized' }] },
    });
  });
});

test.each(['deposit', 'withdraw'])(
  'a %s in a currency without a wallet says how to get one, and passes with its key once there is one',
  async (type) => {
    const userId = await api.user();
    const amount = type === 'deposit' ? { deposit: 5 } : { amount: 5 };
    const key = { 'Idempotency-Key': `early-${type}` };
    const body = { user_id: userId, ...amount, currency: 'EUR' };
    const send = () => api.post(`/api/v1/payments/${type}`, body, key);
    const refused = await send();
    expect(refused).toMatchObject({
      status: 409,
      json: {
        code: 'wallet-not-found',
        retry: 'same-key',
        errors: [{ field: 'currency', message: `is EUR, but user ${userId} has no wallet in EUR` }],
      },
    });
    expect(refused.json.detail).toContain(`POST ${walletsOf(userId)}`);
    await open(userId, 'EUR');
    const passed = await send();
    // A withdrawal then meets an empty wallet.
    expect(passed.status).toBe(type === 'deposit' ? 202 : 422);
    await carryOut();
  },
);

test('metrics have no series for a user or a wallet', async () => {
  const userId = await api.user();
  await open(userId, 'PLN');
  await api.get(`${walletsOf(userId)}/PLN`);
  const { text } = await api.get('/metrics');
  expect(text).toContain('route="/api/v1/users/{user_id}/wallets/{currency}"');
  expect(text).not.toContain('/wallets/PLN');
});
