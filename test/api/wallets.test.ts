import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type WalletWorld } from '../builders/wallet-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/* Wallets as things of their own: opened by name, paid into and out of by their ids. */

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let wallets: WalletWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, {
    DEFAULT_CURRENCY: 'USD',
    ...RATES_FROM_TESTS,
  });
  wallets = createWalletWorld({ api, world, database });
  await giveRates(database, { EUR: '0.5' });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});

const open = (body: object, headers: Record<string, string> = {}) =>
  api.post('/api/v1/wallets', body, headers);

describe('a wallet with a name', () => {
  test('is opened beside the one without, and both are listed', async () => {
    const first = await wallets.wallet(10);
    const opened = await open({ user_id: first.userId, currency: 'USD', name: '  holiday money ' });
    expect(opened).toMatchObject({
      status: 201,
      json: { user_id: first.userId, currency: 'USD', name: 'holiday money', state: 'open', balance: 0 },
    });
    expect(opened.headers.get('location')).toBe(`/api/v1/wallets/${opened.json.id}`);
    const listed = (await api.get(`/api/v1/users/${first.userId}/wallets`)).json.items;
    expect(listed).toMatchObject([
      { id: first.id, name: null, balance: 10 },
      { id: opened.json.id, name: 'holiday money' },
    ]);
    const found = (await api.get(`/api/v1/wallets?user_id=${first.userId}&currency=USD&state=open`)).json;
    expect(found.items.map(({ id }: { id: number }) => id)).toEqual([opened.json.id, first.id]);
    expect((await api.get(`/api/v1/wallets?user_id=${first.userId}&state=frozen`)).json.items).toEqual([]);
  });

  test('keeps its name for itself, in its currency and for its user', async () => {
    const [one, other] = [await wallets.wallet(), await wallets.wallet()];
    const savings = await wallets.named(one.userId, 'savings');
    expect(await open({ user_id: one.userId, currency: 'USD', name: 'savings' })).toMatchObject({
      status: 409,
      json: { code: 'wallet-name-taken', wallet_id: savings.id, errors: [{ field: 'name' }] },
    });
    await wallets.named(one.userId, 'Savings');
    await wallets.named(one.userId, 'savings', 'EUR');
    await wallets.named(other.userId, 'savings');
  });

  test('is opened once by many who ask for it at the same moment', async () => {
    const { userId } = await wallets.wallet();
    const body = { user_id: userId, currency: 'USD', name: 'once' };
    const all = await Promise.all(Array.from({ length: 8 }, () => open(body)));
    expect(all.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(409)]);
    expect(new Set(all.map(({ json }) => json.wallet_id ?? json.id)).size).toBe(1);
  });

  test('with a key is opened once, and so is a refusal kept', async () => {
    const { userId } = await wallets.wallet();
    const body = { user_id: userId, currency: 'USD', name: 'keyed' };
    const first = await open(body, { 'Idempotency-Key': 'open-1' });
    const again = await open(body, { 'Idempotency-Key': 'open-1' });
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const refused = await open(body, { 'Idempotency-Key': 'open-2' });
    expect(refused.json.code).toBe('wallet-name-taken');
    expect((await open(body, { 'Idempotency-Key': 'open-2' })).text).toBe(refused.text);
    const other = await open({ ...body, name: 'other' }, { 'Idempotency-Key': 'open-1' });
    expect(other.json.code).toBe('idempotency-key-reused');
  });

  test.each([
    ['', 'name'],
    ['   ', 'name'],
    ['a\u0000b', 'name'],
    ['a\nb', 'name'],
    ['a\u200bb', 'name'],
    ['x'.repeat(65), 'name'],
    [7, 'name'],
    [null, 'name'],
  ])('is refused with the name %j', async (name, field) => {
    const { userId } = await wallets.wallet();
    expect(await open({ user_id: userId, currency: 'USD', name })).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field }] },
    });
  });

  test('may have 64 characters, whatever their bytes', async () => {
    const { userId } = await wallets.wallet();
    for (const name of ['x'.repeat(64), '𝄞'.repeat(64)])
      expect((await open({ user_id: userId, currency: 'USD', name })).json.name).toBe(name);
  });

  test('of nobody is refused', async () => {
    expect(await open({ user_id: 987_654, currency: 'USD', name: 'x' })).toMatchObject({
      status: 404,
      json: { code: 'user-not-found', errors: [{ field: 'user_id' }] },
    });
  });
});

test('a wallet without a name is opened once for each currency', async () => {
  const { id, userId } = await wallets.wallet();
  expect(await open({ user_id: userId, currency: 'USD' })).toMatchObject({ status: 200, json: { id } });
  const euros = await open({ user_id: userId, currency: 'EUR' });
  expect(euros).toMatchObject({ status: 201, json: { name: null } });
  expect((await open({ user_id: userId, currency: 'EUR' })).json.id).toBe(euros.json.id);
});

describe('a payment of a wallet', () => {
  test('goes into and out of that wallet, and no other of its user', async () => {
    const first = await wallets.wallet(100);
    const savings = await wallets.named(first.userId, 'savings');
    const deposit = await api.post(wallets.at(savings.id, '/deposit'), { amount: 50 });
    expect(deposit).toMatchObject({
      status: 202,
      json: { user_id: first.userId, status: 'processing', deposit: 50 },
    });
    await wallets.carryOut();
    expect([await wallets.read(first), await wallets.read(savings)]).toMatchObject([
      { balance: 100 },
      { balance: 49 },
    ]);

    const withdrawal = await api.post(wallets.at(savings.id, '/withdraw'), { amount: '20', currency: 'USD' });
    expect(withdrawal).toMatchObject({ status: 202, json: { withdraw: 20 } });
    expect([await wallets.read(first), await wallets.read(savings)]).toMatchObject([
      { held: 0 },
      { held: 20.4, available: 28.6 },
    ]);
    await wallets.carryOut();
    expect(await wallets.read(savings)).toMatchObject({ balance: 28.6, held: 0 });
    const payment = (await api.get(`/api/v1/payments/${withdrawal.json.payment_id}`)).json;
    expect(payment).toMatchObject({ wallet_id: savings.id, status: 'success' });
    const lines = (await api.get(wallets.at(savings.id, '/statement'))).json.items;
    expect(lines).toMatchObject([
      { payment_id: withdrawal.json.payment_id, amount: -20.4, balance_after: 28.6 },
      { payment_id: deposit.json.payment_id, amount: 49, balance_after: 49 },
    ]);
    expect((await api.get(wallets.at(first.id, '/statement'))).json.items).toHaveLength(1);
  });

  test('that it cannot cover is refused by what that wallet has, not by what its user has', async () => {
    const first = await wallets.wallet(100);
    const savings = await wallets.named(first.userId, 'savings');
    const refused = await api.post(wallets.at(savings.id, '/withdraw'), { amount: 1 });
    expect(refused).toMatchObject({
      status: 422,
      json: {
        code: 'insufficient-funds',
        available: 0,
        instance: wallets.at(savings.id, '/withdraw'),
      },
    });
    const other = await api.post('/api/v1/payments/withdraw', { user_id: first.userId, amount: 1 });
    expect(other.status).toBe(202);
    await wallets.carryOut();
  });

  test('that fails gives back what was held of it', async () => {
    const first = await wallets.wallet(100);
    const savings = await wallets.named(first.userId, 'savings');
    await api.post(wallets.at(first.id, '/transfer'), { to_wallet_id: savings.id, amount: 40 });
    const { payment_id } = (await api.post(wallets.at(savings.id, '/withdraw'), { amount: 10 })).json;
    await wallets.carryOut('refused');
    expect(await wallets.read(savings)).toMatchObject({ balance: 40, held: 0 });

    const letter = await wallets.letterOf(payment_id);
    const redriven = await api.post(`/api/v1/dlq/${letter}/redrive`, { by: 'ana', reason: 'again' });
    expect(redriven.status).toBe(200);
    expect([await wallets.read(first), await wallets.read(savings)]).toMatchObject([
      { held: 0 },
      { held: 10.2 },
    ]);
    await wallets.carryOut();
    expect(await wallets.read(savings)).toMatchObject({ balance: 29.8, held: 0 });
  });

  test('is refunded out of the wallet that it came into', async () => {
    const first = await wallets.wallet(100);
    const savings = await wallets.named(first.userId, 'savings');
    const { payment_id } = (await api.post(wallets.at(savings.id, '/deposit'), { deposit: 50 })).json;
    await wallets.carryOut();
    const refund = await api.post(`/api/v1/payments/${payment_id}/refunds`, { amount: 20 });
    expect(refund.status).toBe(202);
    expect([await wallets.read(first), await wallets.read(savings)]).toMatchObject([
      { held: 0 },
      { held: 19.6 },
    ]);
    await wallets.carryOut();
    expect(await wallets.read(savings)).toMatchObject({ balance: 29.4, held: 0 });
  });

  test('with a key is accepted once, and the key is of this wallet', async () => {
    const first = await wallets.wallet(100);
    const savings = await wallets.named(first.userId, 'savings');
    const key = { 'Idempotency-Key': 'of-the-wallet' };
    const send = (id: number, amount: unknown) => api.post(wallets.at(id, '/deposit'), { amount }, key);
    const all = await Promise.all(Array.from({ length: 5 }, () => send(savings.id, '1.10')));
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect((await send(savings.id, 1.1)).headers.get('idempotency-replayed')).toBe('true');
    expect((await send(first.id, 1.1)).json.code).toBe('idempotency-key-reused');
    const plain = { user_id: first.userId, deposit: 1.1 };
    expect((await api.post('/api/v1/payments/deposit', plain, key)).json.code).toBe('idempotency-key-reused');
    await wallets.carryOut();
    expect(await wallets.read(savings)).toMatchObject({ balance_minor: '108' });
  });

  test.each([
    ['deposit', {}, 'amount'],
    ['deposit', { amount: 1, deposit: 1 }, 'deposit'],
    ['deposit', { deposit: 0 }, 'deposit'],
    ['deposit', { amount: 1.001 }, 'amount'],
    ['deposit', { amount: 1, currency: 'EUR' }, 'currency'],
    ['withdraw', {}, 'amount'],
    ['withdraw', { amount: -1 }, 'amount'],
    ['withdraw', { amount: 1, user_id: 1 }, 'user_id'],
  ])('that says %s %j is refused, and the field is named', async (what, body, field) => {
    const { id } = await wallets.wallet(10);
    expect(await api.post(wallets.at(id, `/${what}`), body)).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field }] },
    });
    expect(await world.count('payment_tasks')).toBe(0);
  });

  test('reads the amount in the decimals of its wallet', async () => {
    const { id } = await wallets.wallet(0, 'KWD');
    expect((await api.post(wallets.at(id, '/deposit'), { amount: '1.005' })).status).toBe(202);
    await wallets.carryOut();
    expect((await api.get(wallets.at(id))).json.balance_minor).toBe('985');
  });

  test.each(['deposit', 'withdraw'])('of no wallet is refused: %s', async (what) => {
    expect(await api.post(wallets.at(987_654, `/${what}`), { amount: 1 })).toMatchObject({
      status: 404,
      json: { code: 'no-such-wallet' },
    });
  });
});

describe('a conversion of a wallet', () => {
  const preview = (userId: number, more: object) =>
    api.post('/api/v1/currency/convert/preview', {
      user_id: userId,
      from: 'USD',
      to: 'EUR',
      amount: 10,
      ...more,
    });

  test('goes between the wallets that the quote names', async () => {
    const first = await wallets.wallet(100);
    const euros = await wallets.named(first.userId, 'trip', 'EUR');
    const savings = await wallets.named(first.userId, 'savings');
    await api.post(wallets.at(first.id, '/transfer'), { to_wallet_id: savings.id, amount: 40 });
    const quote = await preview(first.userId, { from_wallet_id: savings.id, to_wallet_id: euros.id });
    expect(quote).toMatchObject({
      status: 200,
      json: { from_wallet_id: savings.id, to_wallet_id: euros.id },
    });
    const { quote_id, to_amount } = quote.json;
    // The quote is of another wallet.
    expect(await api.post(wallets.at(first.id, '/convert'), { quote_id })).toMatchObject({
      status: 404,
      json: { code: 'quote-not-found', errors: [{ field: 'quote_id' }] },
    });
    const converted = await api.post(wallets.at(savings.id, '/convert'), { quote_id });
    expect(converted).toMatchObject({ status: 201, json: { quote_id, from_wallet_id: savings.id } });
    expect(await api.post(wallets.at(savings.id, '/convert'), { quote_id })).toMatchObject({
      status: 409,
      json: { code: 'quote-used', instance: wallets.at(savings.id, '/convert') },
    });
    const all = [first, savings, euros].map((wallet) => wallets.read(wallet));
    expect(await Promise.all(all)).toMatchObject([{ balance: 60 }, { balance: 30 }, { balance: to_amount }]);
  });

  test('means the wallets without a name where none is named', async () => {
    const first = await wallets.wallet(100);
    await wallets.named(first.userId, 'trip', 'EUR');
    expect((await preview(first.userId, {})).json.code).toBe('wallet-not-found');
    const euros = await open({ user_id: first.userId, currency: 'EUR' });
    expect((await preview(first.userId, {})).json).toMatchObject({
      from_wallet_id: first.id,
      to_wallet_id: euros.json.id,
    });
  });

  test.each(['from', 'to'])(
    'of a wallet of somebody else, or in another currency, is refused: %s',
    async (side) => {
      const [first, other] = [
        await wallets.wallet(100),
        await wallets.wallet(100, side === 'from' ? 'USD' : 'EUR'),
      ];
      await open({ user_id: first.userId, currency: 'EUR' });
      const pounds = await wallets.named(first.userId, 'x', 'GBP');
      for (const { id } of [other, pounds])
        expect(await preview(first.userId, { [`${side}_wallet_id`]: id })).toMatchObject({
          status: 409,
          json: { code: 'wallet-not-found', errors: [{ field: `${side}_wallet_id` }] },
        });
    },
  );
});

test('whoever names a user and a currency means the wallet without a name', async () => {
  const { userId } = await wallets.wallet(0, 'EUR');
  const named = await wallets.named(userId, 'a', 'USD');
  expect((await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 })).json.code).toBe(
    'wallet-not-found',
  );
  expect((await api.post(`/api/v1/accounts/${userId}/hold`, { order_id: 'x', amount: 1 })).json.code).toBe(
    'wallet-not-found',
  );
  expect((await api.get(`/api/v1/users/${userId}/wallets/USD`)).json.code).toBe('no-such-wallet');
  expect((await api.get(`/api/v1/users/${userId}/statement?currency=USD`)).json.code).toBe('no-such-wallet');
  expect((await api.get(`/api/v1/accounts/${userId}?currency=USD`)).status).toBe(409);
  const meant = await open({ user_id: userId, currency: 'USD' });
  expect(meant).toMatchObject({ status: 201, json: { name: null } });
  await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 10 });
  await wallets.carryOut();
  expect((await api.get(wallets.at(meant.json.id))).json.balance).toBe(9.8);
  expect(await wallets.read(named)).toMatchObject({ balance: 0 });
});

test('a statement is read by kind and by time, and each line has the balance that it left', async () => {
  const [first, other] = [await wallets.wallet(100), await wallets.wallet(0)];
  const give = (amount: number) =>
    api.post(wallets.at(first.id, '/transfer'), { to_wallet_id: other.id, amount });
  await give(10);
  await api.post(wallets.at(first.id, '/withdraw'), { amount: 20 });
  await wallets.carryOut();
  await give(5);
  const statement = async (query: string) =>
    (await api.get(`${wallets.at(first.id, '/statement')}?${query}`)).json;
  const all = await statement('');
  expect(all.items.map(({ balance_after }: { balance_after: number }) => balance_after)).toEqual([
    64.6, 69.6, 90, 100,
  ]);
  expect(await statement('kind=transfer')).toMatchObject({
    items: [
      { amount: -5, balance_after: 64.6 },
      { amount: -10, balance_after: 90 },
    ],
    next_cursor: null,
  });
  const page = await statement('kind=transfer&limit=1');
  expect(await statement(`kind=transfer&limit=1&cursor=${page.next_cursor}`)).toMatchObject({
    items: [{ amount: -10, balance_after: 90 }],
  });
  expect((await statement('kind=payment')).items).toMatchObject([{ amount: -20.4, balance_after: 69.6 }]);
  const since = encodeURIComponent(all.items[1].at);
  expect((await statement(`created_after=${since}`)).items).toHaveLength(2);
  expect(
    (await statement(`created_before=${since}`)).items.map(({ amount }: { amount: number }) => amount),
  ).toEqual([-10, 100]);
  const users = await api.get(`/api/v1/users/${first.userId}/statement?kind=user`);
  expect(users.json.items).toMatchObject([{ amount: 100, balance_after: 100 }]);
  expect(await api.get(`${wallets.at(first.id, '/statement')}?kind=else`)).toMatchObject({ status: 422 });
});
