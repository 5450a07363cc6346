import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { DEFAULT_CURRENCY: 'USD' });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});

interface TestWallet {
  readonly id: number;
  readonly userId: number;
}

async function wallet(balance: number | string = 100, currency = 'USD'): Promise<TestWallet> {
  const { id: userId } = (await api.post('/api/v1/users', { balance, currency })).json;
  const { id } = (await api.get(`/api/v1/users/${userId}/wallets/${currency}`)).json;
  return { id, userId };
}
const transfer = (from: number, to: unknown, amount: unknown, headers: Record<string, string> = {}) =>
  api.post(`/api/v1/wallets/${from}/transfer`, { to_wallet_id: to, amount }, headers);
const balanceOf = async ({ id }: TestWallet) => (await api.get(`/api/v1/wallets/${id}`)).json.balance_minor;
const statementOf = async ({ id }: TestWallet) =>
  (await api.get(`/api/v1/wallets/${id}/statement`)).json.items;

describe('a transfer', () => {
  test.each([
    ['USD', '100', '30.25', '6975', '3025'],
    ['JPY', '100', '30', '70', '30'],
    ['KWD', '1.5', '0.005', '1495', '5'],
  ])(
    'in %s moves its amount at once, and both statements have it',
    async (currency, balance, amount, left, moved) => {
      const [from, to] = [await wallet(balance, currency), await wallet('0', currency)];
      const answer = await transfer(from.id, to.id, amount);
      expect(answer).toMatchObject({
        status: 201,
        json: {
          user_id: from.userId,
          from_wallet_id: from.id,
          to_wallet_id: to.id,
          amount: Number(amount),
          amount_minor: moved,
          currency,
        },
      });
      const { transfer_id } = answer.json;
      expect(answer.headers.get('location')).toBe(`/api/v1/transfers/${transfer_id}`);
      expect((await api.get(`/api/v1/transfers/${transfer_id}`)).json).toEqual(answer.json);
      expect([await balanceOf(from), await balanceOf(to)]).toEqual([left, moved]);
      const line = { transfer_id, payment_id: null, reference: `transfer:${transfer_id}`, currency };
      const [given] = await statementOf(from);
      expect(given).toMatchObject({ ...line, amount_minor: `-${moved}`, balance_after_minor: left });
      expect(await statementOf(to)).toMatchObject([
        { ...line, amount_minor: moved, balance_after_minor: moved },
      ]);
    },
  );

  test('writes each entry for the user whose wallet it is', async () => {
    const [from, to] = [await wallet(), await wallet()];
    const { transfer_id } = (await transfer(from.id, to.id, 1)).json;
    const { rows } = await database.pool.query(
      `select entry.user_id::int, amount::int from ledger_entries as entry
       join ledger_transactions as header on header.id = transaction_id
       where reference = $1 order by amount`,
      [`transfer:${transfer_id}`],
    );
    expect(rows).toEqual([
      { user_id: from.userId, amount: -100 },
      { user_id: to.userId, amount: 100 },
    ]);
  });

  test('with a key is made once, and every other request with the key is refused', async () => {
    const [from, to, other] = [await wallet(), await wallet(), await wallet()];
    const key = { 'Idempotency-Key': 'give' };
    const all = await Promise.all(Array.from({ length: 6 }, () => transfer(from.id, to.id, '1.1', key)));
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect((await transfer(from.id, to.id, 1.1, key)).headers.get('idempotency-replayed')).toBe('true');
    expect(await balanceOf(from)).toBe('9890');
    for (const [to_wallet_id, amount] of [
      [to.id, 2],
      [other.id, 1.1],
    ])
      expect(await transfer(from.id, to_wallet_id, amount, key)).toMatchObject({
        status: 422,
        json: { code: 'idempotency-key-reused' },
      });
    const payment = { user_id: from.userId, amount: 1.1 };
    expect((await api.post('/api/v1/payments/withdraw', payment, key)).json.code).toBe(
      'idempotency-key-reused',
    );
    expect(await balanceOf(from)).toBe('9890');
  });

  test('of more than is available is refused, and stays refused for its key', async () => {
    const [from, to] = [await wallet(100), await wallet()];
    await api.post('/api/v1/payments/withdraw', { user_id: from.userId, amount: 50 });
    const key = { 'Idempotency-Key': 'too-much' };
    const refused = await transfer(from.id, to.id, '49.01', key);
    expect(refused).toMatchObject({
      status: 422,
      json: {
        code: 'transfer-not-funded',
        instance: `/api/v1/wallets/${from.id}/transfer`,
        available: 49,
        available_minor: '4900',
        currency: 'USD',
        wallet_id: from.id,
        errors: [{ field: 'amount', message: 'must not be more than the 49 USD that is available' }],
      },
    });
    await transfer(to.id, from.id, 50);
    const again = await transfer(from.id, to.id, '49.01', key);
    expect([again.status, again.text]).toEqual([422, refused.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await database.pool.query(
      `update idempotency_keys set created_at = now() - interval '1 year' where scope = $1`,
      [from.userId],
    );
    const expired = await transfer(from.id, to.id, '49.01', key);
    expect(expired.json).toMatchObject({ code: 'idempotency-key-expired' });
    expect(expired.json.detail).toContain('was refused, and nothing was made');
    expect([expired.headers.get('location'), expired.json.wallet]).toEqual([null, undefined]);
    expect(await transfer(from.id, to.id, '49.01')).toMatchObject({ status: 201 });
    const scripted = createScriptedGateway();
    scripted.answerSends(() => answers.succeeded);
    const worker = world.worker(scripted.gateway);
    worker.start();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
  });

  test('to itself, to a wallet in another currency and to none is refused by name', async () => {
    const [from, yen] = [await wallet(), await wallet(100, 'JPY')];
    const refused = async (to: unknown, amount: unknown = 1) => {
      const { status, json } = await transfer(from.id, to, amount);
      return [status, json.code, json.errors];
    };
    const field = 'to_wallet_id';
    expect(await refused(from.id)).toEqual([
      422,
      'validation-failed',
      [{ field, message: 'must be another wallet than the one that gives' }],
    ]);
    expect(await refused(yen.id)).toEqual([
      422,
      'validation-failed',
      [{ field, message: `must be another wallet in USD, and wallet ${yen.id} is one in JPY` }],
    ]);
    // The account of the gateway is no wallet.
    for (const id of [987_654, 1])
      expect(await refused(id)).toEqual([404, 'no-such-wallet', [{ field, message: 'names no wallet' }]]);
    for (const [to, amount, at] of [
      [undefined, 1, field],
      ['5', 1, field],
      [0, 1, field],
      [yen.id, 0, 'amount'],
      [yen.id, -1, 'amount'],
      [yen.id, '0.001', 'amount'],
      [yen.id, null, 'amount'],
      [yen.id, 1e20, 'amount'],
    ] as const)
      expect(await refused(to, amount)).toMatchObject([422, 'validation-failed', [{ field: at }]]);
    const withoutAmount = await api.post(`/api/v1/wallets/${from.id}/transfer`, { to_wallet_id: yen.id });
    expect(withoutAmount.json.errors).toEqual([{ field: 'amount', message: 'is required' }]);
    for (const id of [987_654, 1])
      expect(await transfer(id, from.id, 1)).toMatchObject({
        status: 404,
        json: { code: 'no-such-wallet', errors: [{ field: 'wallet_id' }] },
      });
    expect(await balanceOf(from)).toBe('10000');
    expect((await api.get('/api/v1/transfers/987654')).json.code).toBe('transfer-not-found');
  });
});

test('transfers that go round in opposite ways at once, by two processes, end without a deadlock and lose nothing', async () => {
  const other = await startTestApi(database.databaseUrl, { DEFAULT_CURRENCY: 'USD' });
  try {
    const wallets = await Promise.all(Array.from({ length: 4 }, () => wallet(10)));
    const sent = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const from = wallets[n % 4]!;
        const to = wallets[(n + 1 + (n % 3)) % 4]!;
        const body = { to_wallet_id: to.id, amount: ((n % 7) + 1) / 2 };
        return await (n % 2 ? api : other).post(`/api/v1/wallets/${from.id}/transfer`, body);
      }),
    );
    const statuses = new Set(sent.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 201 && status !== 422)).toEqual([]);
    expect(statuses.has(201)).toBe(true);
    const balances = await Promise.all(wallets.map(balanceOf));
    expect(balances.reduce((sum, minor) => sum + Number(minor), 0)).toBe(4000);
    for (const minor of balances) expect(Number(minor)).toBeGreaterThanOrEqual(0);
  } finally {
    await other.stop();
  }
});

test('what many want to give of one wallet at once is given no more than once', async () => {
  const [from, to] = [await wallet(10), await wallet(0)];
  const sent = await Promise.all(Array.from({ length: 30 }, () => transfer(from.id, to.id, 1)));
  expect(sent.filter(({ status }) => status === 201)).toHaveLength(10);
  expect([await balanceOf(from), await balanceOf(to)]).toEqual(['0', '1000']);
});

test.each(['gives', 'gets'])(
  'a transfer whose wallet that %s is locked by somebody else waits, and holds up nobody',
  async (which) => {
    const [from, to, a, b] = [await wallet(), await wallet(), await wallet(), await wallet()];
    const locked = which === 'gives' ? from : to;
    const holder = await holdRows(
      database.ownerUrl,
      `select 1 from accounts where id = ${locked.id} for update`,
    );
    const waiting = transfer(from.id, to.id, 5);
    const passed = await Promise.all([transfer(a.id, b.id, 5), transfer(b.id, a.id, 5)]);
    expect(passed.map(({ status }) => status)).toEqual([201, 201]);
    await holder.letGo();
    expect((await waiting).status).toBe(201);
  },
);

describe('the list of wallets', () => {
  test('goes by user and currency, page by page', async () => {
    const { userId, id } = await wallet(5, 'KWD');
    const opened: number[] = [id];
    for (const currency of ['EUR', 'JPY', 'USD'])
      opened.unshift((await api.post(`/api/v1/users/${userId}/wallets`, { currency })).json.id);
    const list = async (query: string) => (await api.get(`/api/v1/wallets?${query}`)).json;
    const idsOf = ({ items }: { items: { id: number }[] }) => items.map((item) => item.id);
    expect(idsOf(await list(`user_id=${userId}`))).toEqual(opened);
    const first = await list(`user_id=${userId}&limit=3`);
    const second = await list(`user_id=${userId}&limit=3&cursor=${first.next_cursor}`);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(opened);
    expect(second.next_cursor).toBeNull();
    expect((await list(`user_id=${userId}&currency=KWD`)).items).toMatchObject([
      { id, user_id: userId, currency: 'KWD', balance: 5, balance_minor: '5000' },
    ]);
    expect((await list(`user_id=${userId}&currency=CHF`)).items).toEqual([]);
    expect((await list('user_id=987654')).items).toEqual([]);
    const all = await list('limit=200');
    expect(all.items.every(({ user_id }: { user_id: unknown }) => typeof user_id === 'number')).toBe(true);
    expect((await list('currency=nonsense')).errors).toMatchObject([{ field: 'currency' }]);
  });
});
