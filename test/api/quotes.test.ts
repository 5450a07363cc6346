import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PREVIEW = '/api/v1/currency/convert/preview';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { ...RATES_FROM_TESTS, QUOTE_MAX_OPEN: '3' });
  await giveRates(database, { EUR: '0.9154', JPY: '150.25', KWD: '0.307', VND: '25400', SEK: '10' });
  await giveRates(database, { SEK: '20' });
  await giveRates(database, { CHF: '0.8' }, { asOf: new Date(Date.now() - 27 * 3_600_000) });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

/** A user with wallets in dollars and in these currencies. */
async function userWith(...currencies: string[]): Promise<number> {
  const userId = await world.user(100_000n);
  for (const currency of currencies) await openWallet(database, { userId, currency, amountMinor: 0n });
  return Number(userId);
}

test('a quote names both amounts as they will be posted, and where they come from', async () => {
  const userId = await userWith('EUR');
  const { status, json } = await api.post(PREVIEW, { user_id: userId, from: 'USD', to: 'EUR', amount: 100 });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    quote_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    user_id: userId,
    from: 'USD',
    to: 'EUR',
    fixed: 'amount',
    amount: 100,
    amount_minor: '10000',
    to_amount: 91.08,
    to_amount_minor: '9108',
    spread: 0.5,
    spread_minor: '50',
    spread_currency: 'USD',
    rate: '0.910823',
    mid: '0.9154',
    rate_source: 'http',
  });
  expect(Date.parse(json.expires_at) - Date.parse(json.created_at)).toBe(30_000);
});

test('the amount to get can be named instead, with as many decimals as that currency has', async () => {
  const userId = await userWith('KWD');
  const ask = (toAmount: unknown) =>
    api.post(PREVIEW, { user_id: userId, from: 'USD', to: 'KWD', to_amount: toAmount });
  expect((await ask('0.001')).json).toMatchObject({
    fixed: 'to_amount',
    to_amount_minor: '1',
    amount_minor: '1',
  });
  expect((await ask(1.125)).json).toMatchObject({ to_amount_minor: '1125', amount_minor: '369' });
  expect((await ask(1.1255)).json).toMatchObject({
    code: 'validation-failed',
    errors: [{ field: 'to_amount', message: 'must have at most 3 decimals in KWD' }],
  });
});

test('two currencies are converted through the base, and a zero-decimal one has no decimals', async () => {
  const userId = await userWith('EUR', 'JPY');
  const { json } = await api.post(PREVIEW, { user_id: userId, from: 'EUR', to: 'JPY', amount: '10.00' });
  // 10 * (150.25 / 0.9154) * 0.995 = 1633.13...
  expect(json).toMatchObject({
    to_amount: 1633,
    to_amount_minor: '1633',
    spread_minor: '5',
    mid: '164.135896875682',
  });
  const odd = await api.post(PREVIEW, { user_id: userId, from: 'JPY', to: 'EUR', amount: 1.5 });
  expect(odd.json.errors).toEqual([{ field: 'amount', message: 'must have at most 0 decimals in JPY' }]);
});

test.each<[string, object, string, string]>([
  ['no amount', { amount: undefined }, 'validation-failed', 'amount'],
  ['both amounts', { to_amount: 5 }, 'validation-failed', 'to_amount'],
  ['an amount of 0', { amount: 0 }, 'validation-failed', 'amount'],
  ['a negative amount', { amount: -5 }, 'validation-failed', 'amount'],
  ['an amount that is no number', { amount: 'many' }, 'validation-failed', 'amount'],
  ['more decimals than there are', { amount: '0.001' }, 'validation-failed', 'amount'],
  ['no currency to give', { from: undefined }, 'validation-failed', 'from'],
  ['no currency of ISO 4217', { to: 'BTC' }, 'validation-failed', 'to'],
  ['a currency in small letters', { from: 'usd' }, 'validation-failed', 'from'],
  ['a member that nobody knows', { rate: 2 }, 'validation-failed', 'rate'],
  ['an id that is none', { user_id: 'me' }, 'validation-failed', 'user_id'],
  ['the same currency twice', { to: 'USD' }, 'same-currency', 'to'],
  ['an unknown user', { user_id: 999_999 }, 'user-not-found', 'user_id'],
  ['no wallet to give from', { from: 'JPY', amount: 5 }, 'wallet-not-found', 'from'],
  ['no wallet to get into', { to: 'JPY' }, 'wallet-not-found', 'to'],
  ['a rate that is held', { to: 'SEK' }, 'rate-held', 'to'],
  ['a rate that is stale', { to: 'CHF' }, 'rate-stale', 'to'],
  ['a currency without a rate', { to: 'GBP' }, 'rate-unknown', 'to'],
  ['an amount that comes to nothing', { amount: '0.01' }, 'conversion-too-small', 'amount'],
  [
    'an amount that comes to too much',
    { to: 'VND', amount: '100000000000' },
    'conversion-too-large',
    'amount',
  ],
])('%s is refused, and the field is named', async (_what, changes, code, field) => {
  const userId = await userWith('EUR', 'SEK', 'CHF', 'GBP', 'VND');
  const { json } = await api.post(PREVIEW, {
    user_id: userId,
    from: 'USD',
    to: 'EUR',
    amount: 5,
    ...changes,
  });
  expect({ code: json.code, fields: json.errors?.map((error: { field: string }) => error.field) }).toEqual({
    code,
    fields: [field],
  });
});

test('a user has no more open quotes than there may be, however many ask at once', async () => {
  const userId = await userWith('EUR');
  const ask = () => api.post(PREVIEW, { user_id: userId, from: 'USD', to: 'EUR', amount: 5 });
  const answers = await Promise.all(Array.from({ length: 8 }, ask));
  expect(answers.map(({ json }) => json.code ?? 'offered').sort()).toEqual([
    ...Array(3).fill('offered'),
    ...Array(5).fill('too-many-quotes'),
  ]);
  await database.pool.query(
    `update conversion_quotes set created_at = created_at - interval '1 minute', expires_at = expires_at - interval '1 minute'
     where user_id = $1`,
    [userId],
  );
  expect((await ask()).status).toBe(200);
});

test('quotes that nobody took are removed a day later, by the next one', async () => {
  const userId = await userWith('EUR');
  const ask = () => api.post(PREVIEW, { user_id: userId, from: 'USD', to: 'EUR', amount: 5 });
  await ask();
  await database.pool.query(
    `update conversion_quotes set created_at = created_at - interval '2 days', expires_at = expires_at - interval '2 days'
     where user_id = $1`,
    [userId],
  );
  await ask();
  const { rows } = await database.pool.query('select 1 from conversion_quotes where user_id = $1', [userId]);
  expect(rows).toHaveLength(1);
});

test('nothing is taken from a wallet for a quote', async () => {
  const userId = await userWith('EUR');
  await api.post(PREVIEW, { user_id: userId, from: 'USD', to: 'EUR', amount: 1_000_000 });
  expect(await world.wallet(BigInt(userId))).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
  expect(await world.violations()).toEqual([]);
});
