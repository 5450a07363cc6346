import { readSystemBalance } from '../../src/ledger/read-balance.sql.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const FEES = '/api/v1/currency/fees';
const WHY = { by: 'ana', reason: 'a test' };

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let other: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  other = await startTestApi(database.databaseUrl);
});
beforeEach(async () => {
  // Rows of the schedule are never deleted, so each test begins with an empty one only by force.
  await database.pool.query(`
    begin;
    set local session_replication_role = replica;
    truncate fee_changes, fee_schedule restart identity;
    commit`);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await Promise.all([api.stop(), other.stop()]);
  await database.close();
});

const set = (body: object) => api.post(FEES, { ...WHY, ...body });
const preview = (query: string) => api.get(`${FEES}/preview?${query}`);
const commissionOf = async (paymentId: number) =>
  (await api.get(`/api/v1/payments/${paymentId}`)).json.commission_minor;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe('the fees that are valid', () => {
  test('are the default of each kind as long as none is set', async () => {
    const { status, json } = await api.get(FEES);
    expect(status).toBe(200);
    expect(json.items).toMatchObject([
      { id: null, source: 'default', kind: 'deposit', currency: null, percent: '2', payer: 'recipient' },
      { source: 'default', kind: 'withdrawal', percent: '2', payer: 'sender' },
      { source: 'default', kind: 'transfer', percent: '0', payer: 'sender' },
    ]);
  });

  test('are what was set, to the last digit, and the default for what that leaves out', async () => {
    const added = await set({
      kind: 'withdrawal',
      currency: 'KWD',
      percent: '1.2345',
      fixed: '0.125',
      least: 0.2,
      most: '10.5',
      payer: 'recipient',
    });
    expect(added).toMatchObject({ status: 201, json: { action: 'set', before: null, ...WHY } });
    const { items } = (await api.get(`${FEES}?kind=withdrawal`)).json;
    expect(items).toMatchObject([
      {
        id: added.json.after.id,
        source: 'schedule',
        currency: 'KWD',
        percent: '1.2345',
        fixed: 0.125,
        fixed_minor: '125',
        least_minor: '200',
        most_minor: '10500',
        payer: 'recipient',
        valid_to: null,
      },
      { source: 'default', currency: null },
    ]);
    expect((await api.get(`${FEES}?kind=withdrawal&currency=KWD`)).json.items).toHaveLength(1);
    expect((await api.get(`${FEES}?kind=withdrawal&currency=EUR`)).json.items).toMatchObject([
      { source: 'default' },
    ]);
  });

  test('for every currency go where none names it, and leave nothing to the default', async () => {
    await set({ kind: 'deposit', percent: 3 });
    await set({ kind: 'deposit', currency: 'EUR', percent: 1 });
    expect((await api.get(`${FEES}?kind=deposit`)).json.items).toMatchObject([
      { currency: null, percent: '3' },
      { currency: 'EUR', percent: '1' },
    ]);
    expect((await preview('kind=deposit&currency=EUR&amount=100')).json.commission).toBe(1);
    expect((await preview('kind=deposit&currency=USD&amount=100')).json.commission).toBe(3);
  });

  test('of another moment are asked for by it', async () => {
    const before = (await set({ kind: 'deposit', currency: 'EUR', percent: 1 })).json;
    const after = (await set({ kind: 'deposit', currency: 'EUR', percent: 2, valid_from: inAnHour() })).json;
    const at = async (moment: string) =>
      (await api.get(`${FEES}?kind=deposit&currency=EUR&at=${moment}`)).json.items[0].id;
    expect(await at(before.after.valid_from)).toBe(before.after.id);
    expect(await at(after.after.valid_from)).toBe(after.after.id);
    expect(await at('2000-01-01T00:00:00Z')).toBeNull();
    expect(after.before).toMatchObject({ id: before.after.id, valid_to: after.after.valid_from });
  });
});

test.each([
  ['deposit', 'sender', { sender_gives: 102.5, recipient_gets: 100, gateway_amount: 102.5 }],
  ['deposit', 'recipient', { sender_gives: 100, recipient_gets: 97.5, gateway_amount: 100 }],
  ['withdrawal', 'sender', { sender_gives: 102.5, recipient_gets: 100, gateway_amount: 100 }],
  ['withdrawal', 'recipient', { sender_gives: 100, recipient_gets: 97.5, gateway_amount: 97.5 }],
  ['transfer', 'sender', { sender_gives: 102.5, recipient_gets: 100, gateway_amount: null }],
  ['transfer', 'recipient', { sender_gives: 100, recipient_gets: 97.5, gateway_amount: null }],
])('a preview of a %s that its %s pays says what each side has of it', async (kind, payer, expected) => {
  await set({ kind, currency: 'USD', percent: 2, fixed: '0.50', payer });
  expect((await preview(`kind=${kind}&amount=100`)).json).toMatchObject({
    amount: 100,
    commission: 2.5,
    fee: { payer, source: 'schedule' },
    ...expected,
  });
});

describe('a payment', () => {
  test('that another process accepts after the change is charged by it, and one that was accepted before keeps its fee', async () => {
    const userId = await api.user();
    const depositAt = async (process: TestApi) =>
      (await process.post('/api/v1/payments/deposit', { user_id: userId, deposit: 100 })).json.payment_id;
    for (let percent = 1; percent <= 20; percent += 1) {
      const [changing, accepting] = percent % 2 === 0 ? [api, other] : [other, api];
      const earlier = await depositAt(accepting);
      const before = await commissionOf(earlier);
      await changing.post(FEES, { ...WHY, kind: 'deposit', currency: 'USD', percent });
      expect(await commissionOf(await depositAt(accepting))).toBe(`${percent * 100}`);
      expect(await commissionOf(earlier)).toBe(before);
    }
  });

  test('says who pays its fee and what the gateway is asked for, beside what was asked for', async () => {
    await set({ kind: 'deposit', currency: 'USD', fixed: 3, payer: 'sender' });
    await set({ kind: 'withdrawal', currency: 'USD', fixed: 3, payer: 'recipient' });
    const userId = await api.user(50);
    const deposit = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 100 });
    expect(deposit).toMatchObject({ status: 202, json: { deposit: 100 } });
    const withdrawal = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50 });
    expect(withdrawal).toMatchObject({ status: 202, json: { withdraw: 50 } });
    const read = async (id: number) => (await api.get(`/api/v1/payments/${id}`)).json;
    expect(await read(deposit.json.payment_id)).toMatchObject({
      amount: 100,
      commission: 3,
      fee_payer: 'sender',
      gateway_amount: 103,
    });
    expect(await read(withdrawal.json.payment_id)).toMatchObject({
      amount: 50,
      commission: 3,
      fee_payer: 'recipient',
      gateway_amount: 47,
    });
    // What is held is the amount alone: the recipient pays.
    expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({ available: 0, pending_out: 50 });
    const found = await api.get(`/api/v1/payments?user_id=${userId}&amount_min=100&amount_max=100`);
    expect(found.json.items).toMatchObject([{ payment_id: deposit.json.payment_id }]);
    expect((await api.get(`/api/v1/payments?user_id=${userId}&amount_min=103`)).json.items).toEqual([]);
  });

  test.each([
    ['/api/v1/payments/withdraw', 'withdrawal', 'amount', [3, 2.99], 3.01],
    ['/api/v1/payments/deposit', 'deposit', 'deposit', [2.99], 3],
  ])(
    'to %s of less than its recipient would pay changes nothing, and its key is free',
    async (path, kind, field, tooSmall, enough) => {
      await set({ kind, currency: 'USD', fixed: 3, payer: 'recipient' });
      const userId = await api.user();
      const key = { 'idempotency-key': `small-${kind}` };
      for (const amount of tooSmall) {
        const refused = await api.post(path, { user_id: userId, [field]: amount }, key);
        expect(refused).toMatchObject({
          status: 422,
          json: { code: 'validation-failed', errors: [{ field, message: expect.stringContaining('3 USD') }] },
        });
      }
      expect(await world.count(`payments where user_id = ${userId}`)).toBe(0);
      expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({ available: 1000 });
      expect((await preview(`kind=${kind}&amount=2.99`)).json.errors).toMatchObject([{ field: 'amount' }]);
      expect((await api.post(path, { user_id: userId, [field]: enough }, key)).status).toBe(202);
    },
  );

  test('is not asked of the gateway beyond what a payment may carry', async () => {
    await set({ kind: 'deposit', currency: 'USD', percent: 1, payer: 'sender' });
    const userId = await api.user();
    const deposit = (amount: string) =>
      api.post('/api/v1/payments/deposit', { user_id: userId, deposit: amount });
    expect((await deposit('100000000000')).json).toMatchObject({
      code: 'validation-failed',
      errors: [{ field: 'deposit', message: expect.stringContaining('1000000000 USD') }],
    });
    expect((await deposit('99009900990.09')).status).toBe(202);
  });
});

describe('a transfer', () => {
  const walletOf = async (balance: number) => {
    const { id: userId } = (await api.post('/api/v1/users', { balance })).json;
    return (await api.get(`/api/v1/users/${userId}/wallets/USD`)).json.id as number;
  };
  const feesTaken = () => readSystemBalance(database.knex, { kind: 'fee', currency: 'USD' });
  const balanceOf = async (id: number) => (await api.get(`/api/v1/wallets/${id}`)).json.balance;
  const transfer = (from: number, to: number, amount: unknown) =>
    api.post(`/api/v1/wallets/${from}/transfer`, { to_wallet_id: to, amount });

  test.each([
    ['sender', 69, 30],
    ['recipient', 70, 29],
  ])('is charged to its %s, and the fee account has it', async (payer, left, got) => {
    const [from, to] = [await walletOf(100), await walletOf(0)];
    await set({ kind: 'transfer', currency: 'USD', fixed: 1, payer });
    const before = await feesTaken();
    const made = await transfer(from, to, 30);
    expect(made).toMatchObject({ status: 201, json: { amount: 30, commission: 1, fee_payer: payer } });
    expect((await api.get(`/api/v1/transfers/${made.json.transfer_id}`)).json).toEqual(made.json);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([left, got]);
    expect((await feesTaken()) - before).toBe(100n);
  });

  test('needs the fee as well if its sender pays it', async () => {
    const [from, to] = [await walletOf(30), await walletOf(0)];
    await set({ kind: 'transfer', currency: 'USD', fixed: 1 });
    expect(await transfer(from, to, 30)).toMatchObject({
      status: 422,
      json: { code: 'transfer-not-funded', detail: expect.stringContaining('31 USD with its fee') },
    });
    expect((await transfer(from, to, 29)).status).toBe(201);
  });

  test('of no more than its recipient would pay changes nothing', async () => {
    const [from, to] = [await walletOf(30), await walletOf(0)];
    await set({ kind: 'transfer', currency: 'USD', fixed: 1, payer: 'recipient' });
    expect((await transfer(from, to, 1)).json).toMatchObject({
      code: 'validation-failed',
      errors: [{ field: 'amount', message: expect.stringContaining('1 USD') }],
    });
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([30, 0]);
  });
});

describe('whoever changes the schedule', () => {
  const valid = { kind: 'withdrawal', currency: 'EUR', percent: 1 };

  test.each([
    ['kind', { kind: 'refund' }],
    ['kind', { kind: undefined }],
    ['currency', { currency: 'EURO' }],
    ['currency', { currency: 'ABC' }],
    ['currency', { currency: null }],
    ['percent', { percent: undefined }],
    ['percent', { percent: 100 }],
    ['percent', { percent: -1 }],
    ['percent', { percent: '1.23456' }],
    ['percent', { percent: 1e-5 }],
    ['percent', { percent: '1 %' }],
    ['percent', { percent: null }],
    ['percent', { percent: '01' }],
    ['fixed', { fixed: -1 }],
    ['fixed', { fixed: '0.001' }],
    ['fixed', { fixed: '1e3' }],
    ['fixed', { currency: undefined, fixed: 1 }],
    ['least', { currency: undefined, least: 1 }],
    ['most', { currency: undefined, most: 1 }],
    ['most', { least: 2, most: 1 }],
    ['most', { most: '100000000000.01' }],
    ['payer', { payer: 'wallet' }],
    ['valid_from', { valid_from: '2026-01-01' }],
    ['valid_from', { valid_from: '2026-02-30T00:00:00Z' }],
    ['valid_from', { valid_from: '2001-01-01T00:00:00Z' }],
    ['valid_from', { valid_from: 5 }],
    ['valid_to', { valid_to: '2099-01-01T00:00:00Z' }],
    ['reason', { reason: undefined }],
    ['reason', { reason: ' ' }],
    ['by', { by: '' }],
  ])('is told that %s is wrong in %o, and nothing is set', async (field, changes) => {
    const refused = await api.post(FEES, { ...WHY, ...valid, ...changes });
    expect(refused).toMatchObject({ status: 422, json: { code: 'validation-failed', errors: [{ field }] } });
    expect(await world.count('fee_schedule')).toBe(0);
  });

  test('cannot set two fees of a kind and currency for the same moment', async () => {
    const valid_from = inAnHour();
    const [one] = [await set({ ...valid, valid_from }), await set({ ...valid, kind: 'deposit', valid_from })];
    expect((await set({ ...valid, valid_from })).json.errors).toMatchObject([
      { field: 'valid_from', message: expect.stringContaining(`fee ${one?.json.after.id} begins`) },
    ]);
  });

  test('ends a fee once, and what was less specific goes again', async () => {
    await set({ kind: 'withdrawal', percent: 3 });
    const { id } = (await set(valid)).json.after;
    const end = (body: object = {}) => api.post(`${FEES}/${id}/end`, { ...WHY, ...body });
    const wrong = [{ valid_to: '2001-01-01T00:00:00Z' }, { valid_to: 'now' }, { reason: undefined }];
    for (const body of wrong) expect((await end(body)).status).toBe(422);
    expect(await end()).toMatchObject({ status: 200, json: { action: 'end', before: { id }, after: null } });
    expect((await end()).json.code).toBe('fee-ended');
    expect((await preview('kind=withdrawal&currency=EUR&amount=100')).json.commission).toBe(3);
    expect((await api.post(`${FEES}/999/end`, WHY)).json.code).toBe('fee-not-found');
  });

  test('is found in the history, page by page, by kind and currency', async () => {
    for (const percent of [1, 2, 3]) await set({ ...valid, percent });
    await set({ kind: 'deposit', percent: 4, by: 'eve', reason: 'another one' });
    const first = (await api.get(`${FEES}/history?limit=2`)).json;
    expect(first.items).toMatchObject([
      { action: 'set', before: null, after: { kind: 'deposit' }, by: 'eve', reason: 'another one' },
      { before: { percent: '2' }, after: { percent: '3' }, ...WHY },
    ]);
    const next = (await api.get(`${FEES}/history?limit=2&cursor=${first.next_cursor}`)).json;
    expect(next.items).toMatchObject([
      { after: { percent: '2' } },
      { before: null, after: { percent: '1' } },
    ]);
    expect((await api.get(`${FEES}/history?kind=withdrawal&currency=EUR`)).json.items).toHaveLength(3);
    expect((await api.get(`${FEES}/history?currency=USD`)).json.items).toEqual([]);
    expect((await api.get(`${FEES}/history?cursor=p1`)).json.errors).toMatchObject([{ field: 'cursor' }]);
  });

  test('needs the token of operators where there is one; what is charged anyone may ask', async () => {
    const guarded = await startTestApi(database.databaseUrl, {
      OPERATOR_TOKEN: 'a-token-of-operators',
    });
    try {
      expect((await guarded.post(FEES, { ...WHY, ...valid })).status).toBe(401);
      expect((await guarded.post(`${FEES}/1/end`, WHY)).status).toBe(401);
      expect((await guarded.get(`${FEES}/history`)).status).toBe(401);
      expect((await guarded.get(FEES)).status).toBe(200);
      expect((await guarded.get(`${FEES}/preview?kind=deposit&amount=1`)).status).toBe(200);
      const headers = { authorization: 'Bearer a-token-of-operators' };
      const { by: _by, ...unnamed } = WHY;
      expect((await guarded.post(FEES, { ...unnamed, ...valid }, headers)).json).toMatchObject({
        by: 'operator',
      });
    } finally {
      await guarded.stop();
    }
  });
});

test.each([
  ['kind', 'amount=1'],
  ['kind', 'kind=refund&amount=1'],
  ['amount', 'kind=deposit'],
  ['amount', 'kind=deposit&amount=0'],
  ['amount', 'kind=deposit&amount=-1'],
  ['amount', 'kind=deposit&currency=JPY&amount=1.5'],
  ['currency', 'kind=deposit&currency=XXX1&amount=1'],
])('a preview says that %s is wrong in "%s"', async (field, query) => {
  expect(await preview(query)).toMatchObject({ status: 422, json: { errors: [{ field }] } });
});

test.each([
  ['kind', 'kind=refund'],
  ['currency', 'currency=usd'],
  ['at', 'at=yesterday'],
  ['limit', 'limit=5'],
])('a list says that %s is wrong in "%s"', async (field, query) => {
  expect(await api.get(`${FEES}?${query}`)).toMatchObject({ status: 422, json: { errors: [{ field }] } });
});
