import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type TestWallet, type WalletWorld } from '../builders/wallet-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/* What a frozen wallet lets out and in, and what it takes to close one. */

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
/** Where frozen wallets take nothing in. */
let strict: TestApi;
let wallets: WalletWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  const settings = { DEFAULT_CURRENCY: 'USD', ...RATES_FROM_TESTS };
  api = await startTestApi(database.databaseUrl, settings);
  strict = await startTestApi(database.databaseUrl, { ...settings, WALLET_FROZEN_CREDITS: 'refuse' });
  wallets = createWalletWorld({ api, world, database });
  await giveRates(database, { EUR: '0.5' });
});
afterAll(async () => {
  await Promise.all([api.stop(), strict.stop()]);
  await database.close();
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});

const withdraw = (wallet: TestWallet, amount: number, headers: Record<string, string> = {}) =>
  api.post(wallets.at(wallet.id, '/withdraw'), { amount }, headers);
const deposit = (wallet: TestWallet, amount: number, at = api) =>
  at.post(wallets.at(wallet.id, '/deposit'), { amount });
const transfer = (from: TestWallet, to: TestWallet, amount: number, at = api) =>
  at.post(wallets.at(from.id, '/transfer'), { to_wallet_id: to.id, amount });
const hold = (wallet: TestWallet, order_id: string, amount: number) =>
  api.post(`/api/v1/accounts/${wallet.userId}/hold`, { order_id, amount });
async function closed(): Promise<TestWallet> {
  const wallet = await wallets.wallet(0);
  expect((await wallets.change('close', wallet)).json.state).toBe('closed');
  return wallet;
}
async function frozen(balance = 100): Promise<TestWallet> {
  const wallet = await wallets.wallet(balance);
  expect((await wallets.change('freeze', wallet)).json.state).toBe('frozen');
  return wallet;
}

describe('a frozen wallet', () => {
  test('says who froze it and why, and who let it go again', async () => {
    const wallet = await wallets.wallet();
    const answer = await wallets.change('freeze', wallet, 'ana', 'the account may have been taken over');
    expect(answer).toMatchObject({ status: 200, json: { id: wallet.id, state: 'frozen' } });
    expect(await wallets.change('freeze', wallet, 'ben', 'again')).toMatchObject({ status: 200 });
    await wallets.change('unfreeze', wallet, 'cem', 'the owner has proved who they are');
    expect(await wallets.change('unfreeze', wallet, 'ben', 'again')).toMatchObject({ status: 200 });
    const read = await wallets.read(wallet);
    expect(read).toMatchObject({
      state: 'open',
      history: [
        {
          action: 'unfreeze',
          before: 'frozen',
          after: 'open',
          by: 'cem',
          reason: 'the owner has proved who they are',
        },
        {
          action: 'freeze',
          before: 'open',
          after: 'frozen',
          by: 'ana',
          reason: 'the account may have been taken over',
        },
      ],
    });
    expect((await withdraw(wallet, 1)).status).toBe(202);
    await wallets.carryOut();
  });

  test('lets nothing be taken, whoever asks and however', async () => {
    const [wallet, other] = [await frozen(), await wallets.wallet()];
    await openWallet(database, { userId: BigInt(wallet.userId), currency: 'EUR', amountMinor: 0n });
    const refusal = (field: string) => ({
      status: 409,
      json: { code: 'wallet-frozen', retry: 'new-key', wallet_id: wallet.id, errors: [{ field }] },
    });
    const key = { 'Idempotency-Key': 'frozen' };
    const refused = await withdraw(wallet, 1, key);
    expect(refused).toMatchObject(refusal('wallet_id'));
    expect(refused.json.instance).toBe(wallets.at(wallet.id, '/withdraw'));
    const plain = { user_id: wallet.userId, amount: 1 };
    expect(await api.post('/api/v1/payments/withdraw', plain)).toMatchObject(refusal('currency'));
    expect(await transfer(wallet, other, 1)).toMatchObject(refusal('wallet_id'));
    expect(await hold(wallet, 'order-1', 1)).toMatchObject(refusal('currency'));
    const quote = { user_id: wallet.userId, from: 'USD', to: 'EUR', amount: 1 };
    const preview = '/api/v1/currency/convert/preview';
    expect(await api.post(preview, quote)).toMatchObject(refusal('from'));
    const named = { ...quote, from_wallet_id: wallet.id };
    expect(await api.post(preview, named)).toMatchObject(refusal('from_wallet_id'));
    expect(await wallets.read(wallet)).toMatchObject({ balance: 100, held: 0 });
    expect((await api.get(`/api/v1/payments?user_id=${wallet.userId}`)).json.items).toEqual([]);

    // The refusal stays with its key; another key goes by the state of the day.
    await wallets.change('unfreeze', wallet);
    expect((await withdraw(wallet, 1, key)).text).toBe(refused.text);
    expect((await withdraw(wallet, 1)).status).toBe(202);
    await wallets.carryOut();
  });

  test('pays what was promised before: withdrawals in the queue, captures of what is held, a quote no more', async () => {
    const [wallet, seller] = [await wallets.wallet(), await wallets.wallet(0)];
    await openWallet(database, { userId: BigInt(wallet.userId), currency: 'EUR', amountMinor: 0n });
    const { payment_id } = (await withdraw(wallet, 10)).json;
    for (const order of ['captured', 'released']) await hold(wallet, order, 5);
    const quote = { user_id: wallet.userId, from: 'USD', to: 'EUR', amount: 1 };
    const { quote_id } = (await api.post('/api/v1/currency/convert/preview', quote)).json;
    await wallets.change('freeze', wallet);

    const capture = { order_id: 'captured', to_user_id: seller.userId };
    const account = `/api/v1/accounts/${wallet.userId}`;
    expect((await api.post(`${account}/capture`, capture)).json.status).toBe('captured');
    expect((await api.post(`${account}/release`, { order_id: 'released' })).json.status).toBe('released');
    await wallets.carryOut();
    expect((await api.get(`/api/v1/payments/${payment_id}`)).json.status).toBe('success');
    expect(await api.post('/api/v1/currency/convert/execute', { quote_id })).toMatchObject({
      status: 409,
      json: { code: 'wallet-frozen', errors: [{ field: 'quote_id' }] },
    });
    expect(await wallets.read(wallet)).toMatchObject({ state: 'frozen', balance: 84.8, held: 0 });
    expect(await wallets.read(seller)).toMatchObject({ balance: 5 });
  });

  test('refuses a conversion under a key for ever, also when the quotes that nobody took have been removed since', async () => {
    const wallet = await wallets.wallet();
    await openWallet(database, { userId: BigInt(wallet.userId), currency: 'EUR', amountMinor: 0n });
    const preview = async (): Promise<string> => {
      const asked = { user_id: wallet.userId, from: 'USD', to: 'EUR', amount: 1 };
      return (await api.post('/api/v1/currency/convert/preview', asked)).json.quote_id;
    };
    const convert = (quote_id: string, key: string) =>
      api.post(wallets.at(wallet.id, '/convert'), { quote_id }, { 'Idempotency-Key': key });
    const [refused, untaken] = [await preview(), await preview()];
    await wallets.change('freeze', wallet);
    const first = await convert(refused, 'frozen');
    expect(first).toMatchObject({ status: 409, json: { code: 'wallet-frozen' } });
    await wallets.change('unfreeze', wallet);
    await database.pool.query(
      `update conversion_quotes
       set created_at = created_at - interval '30 days', expires_at = expires_at - interval '30 days'
       where user_id = $1`,
      [wallet.userId],
    );
    // It removes what can no longer be taken.
    await preview();
    const again = await convert(refused, 'frozen');
    expect([again.status, again.text]).toEqual([409, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await convert(untaken, 'new')).json.code).toBe('quote-not-found');
    expect((await convert(untaken, 'frozen')).json.code).toBe('idempotency-key-reused');
  });

  test('gets back what was held for a withdrawal that fails, and lets it be redriven only once it is open', async () => {
    const wallet = await wallets.wallet();
    const { payment_id } = (await withdraw(wallet, 10)).json;
    await wallets.change('freeze', wallet);
    await wallets.carryOut('refused');
    expect(await wallets.read(wallet)).toMatchObject({ balance: 100, held: 0 });
    const path = `/api/v1/dlq/${await wallets.letterOf(payment_id)}/redrive`;
    expect(await api.post(path, { by: 'ana' })).toMatchObject({
      status: 409,
      json: { code: 'wallet-frozen', wallet_id: wallet.id },
    });
    await wallets.change('unfreeze', wallet);
    expect((await api.post(path, { by: 'ana' })).status).toBe(200);
    await wallets.carryOut();
  });

  test('refuses refunds, and a refund under way is carried out', async () => {
    const wallet = await wallets.wallet(0);
    const { payment_id } = (await deposit(wallet, 100)).json;
    await wallets.carryOut();
    const refund = `/api/v1/payments/${payment_id}/refunds`;
    expect((await api.post(refund, { amount: 10 })).status).toBe(202);
    await wallets.change('freeze', wallet);
    expect(await api.post(refund, { amount: 10 })).toMatchObject({
      status: 409,
      json: { code: 'wallet-frozen', errors: [{ field: 'payment_id' }] },
    });
    await wallets.carryOut();
    expect(await wallets.read(wallet)).toMatchObject({ balance: 88.2, held: 0 });
  });

  test('takes money in, unless it is set to refuse it', async () => {
    const [wallet, other] = [await frozen(), await wallets.wallet()];
    expect((await transfer(other, wallet, 1)).status).toBe(201);
    expect((await deposit(wallet, 10)).status).toBe(202);
    expect(await transfer(other, wallet, 1, strict)).toMatchObject({
      status: 409,
      json: { code: 'wallet-frozen', errors: [{ field: 'to_wallet_id' }] },
    });
    expect(await deposit(wallet, 10, strict)).toMatchObject({
      status: 409,
      json: { code: 'wallet-frozen', errors: [{ field: 'wallet_id' }] },
    });
    await hold(other, 'to-a-frozen-one', 2);
    const capture = { order_id: 'to-a-frozen-one', to_user_id: wallet.userId };
    const path = `/api/v1/accounts/${other.userId}/capture`;
    expect(await strict.post(path, capture)).toMatchObject({
      status: 409,
      json: { code: 'wallet-frozen', errors: [{ field: 'to_user_id' }] },
    });
    expect((await api.post(path, capture)).status).toBe(200);
    // What the gateway has moved is credited, whatever is set.
    await wallets.carryOut();
    expect(await wallets.read(wallet)).toMatchObject({ balance: 112.8, state: 'frozen' });
  });
});

describe('closing', () => {
  test('an empty wallet ends it for good: nothing goes in or out, and no state follows', async () => {
    const [wallet, other] = [await closed(), await wallets.wallet()];
    const refusal = (field: string) => ({
      status: 409,
      json: { code: 'wallet-closed', wallet_id: wallet.id, errors: [{ field }] },
    });
    expect(await deposit(wallet, 1)).toMatchObject(refusal('wallet_id'));
    expect(await withdraw(wallet, 1)).toMatchObject(refusal('wallet_id'));
    expect(await api.post('/api/v1/payments/deposit', { user_id: wallet.userId, deposit: 1 })).toMatchObject(
      refusal('currency'),
    );
    expect(await api.post(`/api/v1/accounts/${wallet.userId}/deposit`, { amount: 1 })).toMatchObject(
      refusal('currency'),
    );
    expect(await transfer(other, wallet, 1)).toMatchObject(refusal('to_wallet_id'));
    expect(await transfer(wallet, other, 1)).toMatchObject(refusal('wallet_id'));
    expect(await hold(wallet, 'x', 1)).toMatchObject(refusal('currency'));
    await hold(other, 'to-a-closed-one', 1);
    const capture = { order_id: 'to-a-closed-one', to_user_id: wallet.userId };
    expect(await api.post(`/api/v1/accounts/${other.userId}/capture`, capture)).toMatchObject(
      refusal('to_user_id'),
    );
    for (const action of ['freeze', 'unfreeze'] as const)
      expect(await wallets.change(action, wallet)).toMatchObject(refusal('wallet_id'));
    expect(await wallets.change('close', wallet, 'ben')).toMatchObject({ status: 200 });
    expect(await wallets.read(wallet)).toMatchObject({
      state: 'closed',
      balance: 0,
      history: [{ action: 'close', by: 'ana' }],
    });
    expect((await api.get(`/api/v1/wallets?state=closed&user_id=${wallet.userId}`)).json.items).toHaveLength(
      1,
    );
  });

  test.each<[string, (wallet: TestWallet) => Promise<unknown>, object]>([
    ['money in it', async (wallet) => await transfer(await wallets.wallet(), wallet, 1), { balance: 1 }],
    [
      'a deposit on its way',
      async (wallet) => await deposit(wallet, 1),
      { balance: 0, open_payments: 1, errors: [{ field: 'wallet_id', message: 'has 1 open payment' }] },
    ],
    [
      'a withdrawal on its way',
      async (wallet) => {
        await transfer(await wallets.wallet(), wallet, 1.02);
        await withdraw(wallet, 1);
      },
      { held: 1.02, open_payments: 1 },
    ],
    [
      'something held',
      async (wallet) => {
        await transfer(await wallets.wallet(), wallet, 1);
        await hold(wallet, 'x', 1);
      },
      { held: 1, open_payments: 0 },
    ],
    [
      'a quote that could be taken',
      async (wallet) => {
        await openWallet(database, { userId: BigInt(wallet.userId), currency: 'EUR', amountMinor: 0n });
        const quote = { user_id: wallet.userId, from: 'EUR', to: 'USD', amount: 1 };
        await api.post('/api/v1/currency/convert/preview', quote);
      },
      { open_quotes: 1, open_payments: 0 },
    ],
  ])('is refused where there is %s, and nothing is changed', async (_what, prepare, told) => {
    const wallet = await wallets.wallet(0);
    await prepare(wallet);
    expect(await wallets.change('close', wallet)).toMatchObject({
      status: 409,
      json: { code: 'wallet-not-empty', retry: 'same-key', ...told },
    });
    expect(await wallets.read(wallet)).toMatchObject({ state: 'open', history: [] });
    await wallets.carryOut();
  });

  test('goes by the payments of the wallet, and not by those of other wallets of its user', async () => {
    const first = await wallets.wallet(0);
    const savings = await wallets.named(first.userId, 'savings');
    await deposit(first, 10);
    expect((await wallets.change('close', savings)).json.state).toBe('closed');
    expect((await wallets.change('close', first)).json.open_payments).toBe(1);
    await wallets.carryOut();
  });

  test('is refused while the outcome of a payment is unknown, and a failed deposit is not redriven afterwards', async () => {
    const wallet = await wallets.wallet(0);
    await deposit(wallet, 10);
    await wallets.carryOut('unknown');
    expect((await wallets.change('close', wallet)).json).toMatchObject({
      code: 'wallet-not-empty',
      open_payments: 1,
    });
    const other = await wallets.wallet(0);
    const { payment_id } = (await deposit(other, 10)).json;
    await wallets.carryOut('refused');
    expect((await wallets.change('close', other)).json.state).toBe('closed');
    const letter = await wallets.letterOf(payment_id);
    expect((await api.post(`/api/v1/dlq/${letter}/redrive`, { by: 'ana' })).json.code).toBe('wallet-closed');
    expect((await api.get(`/api/v1/dlq/${letter}`)).json.action).toBeNull();
  });

  test('keeps the name of the wallet', async () => {
    const first = await wallets.wallet(0);
    const savings = await wallets.named(first.userId, 'savings');
    await wallets.change('close', savings);
    const again = { user_id: first.userId, currency: 'USD', name: 'savings' };
    expect((await api.post('/api/v1/wallets', again)).json).toMatchObject({
      code: 'wallet-name-taken',
      wallet_id: savings.id,
    });
    await wallets.change('close', first);
    expect(
      (await api.post('/api/v1/wallets', { user_id: first.userId, currency: 'USD' })).json,
    ).toMatchObject({
      id: first.id,
      state: 'closed',
    });
  });

  test('a frozen wallet is possible, once it is empty', async () => {
    const wallet = await frozen(0);
    expect((await wallets.change('close', wallet)).json).toMatchObject({
      state: 'closed',
      history: [{ action: 'close', before: 'frozen' }, { action: 'freeze' }],
    });
  });
});

test.each([
  ['freeze', {}, 'reason'],
  ['freeze', { reason: ' ' }, 'reason'],
  ['close', { reason: 'x', by: '' }, 'by'],
  ['unfreeze', { reason: 'x', state: 'open' }, 'state'],
])('a wish to %s with %j is refused, and the field is named', async (action, body, field) => {
  const { id } = await wallets.wallet(0);
  expect(await api.post(wallets.at(id, `/${action}`), body)).toMatchObject({
    status: 422,
    json: { errors: [{ field }] },
  });
  expect(await api.post(wallets.at(987_654, `/${action}`), { reason: 'x' })).toMatchObject({
    status: 404,
    json: { code: 'no-such-wallet' },
  });
});

test('what changed the state of a wallet is kept as it was written', async () => {
  await frozen();
  for (const change of ['update wallet_state_changes set reason = $$x$$', 'delete from wallet_state_changes'])
    await expect(database.pool.query(change)).rejects.toThrow(/kept as they were written/);
});
