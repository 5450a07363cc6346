import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PREVIEW = '/api/v1/currency/convert/preview';
const EXECUTE = '/api/v1/currency/convert/execute';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { ...RATES_FROM_TESTS, QUOTE_MAX_OPEN: '100' });
  await giveRates(database, { EUR: '0.9154', JPY: '150.25', KWD: '0.307', VND: '2540000' });
});
afterAll(async () => {
  expect(await world.violations()).toEqual([]);
  await api.stop();
  await database.close();
});

async function userWith(...currencies: string[]): Promise<number> {
  const userId = await world.user(100_000n);
  for (const currency of currencies) await openWallet(database, { userId, currency, amountMinor: 0n });
  return Number(userId);
}

async function quoteFor(userId: number, changes: object = {}) {
  const asked = { user_id: userId, from: 'USD', to: 'EUR', amount: 100, ...changes };
  const { json } = await api.post(PREVIEW, asked);
  if (!json.quote_id) throw new Error(JSON.stringify(json));
  return json;
}
const take = (quoteId: string, key?: string, more: object = {}) =>
  api.post(EXECUTE, { quote_id: quoteId, ...more }, key === undefined ? {} : { 'Idempotency-Key': key });

async function balances(userId: number): Promise<Record<string, bigint>> {
  const { rows } = await database.pool.query('select currency, posted from accounts where user_id = $1', [
    userId,
  ]);
  return Object.fromEntries(rows.map(({ currency, posted }) => [currency, posted]));
}

async function postedFor(conversionId: number): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select account.kind || ' ' || account.currency || ' ' || entry.amount as line
     from ledger_transactions as header
     join ledger_entries as entry on entry.transaction_id = header.id
     join accounts as account on account.id = entry.account_id
     where header.reference = 'conversion:' || $1::bigint
     order by 1`,
    [conversionId],
  );
  return rows.map(({ line }) => line);
}

const expire = (quoteId: string) =>
  database.pool.query(
    `update conversion_quotes
     set created_at = created_at - interval '1 hour', expires_at = clock_timestamp()
     where token = $1`,
    [quoteId],
  );

test('a conversion moves the amounts that were quoted, and each currency sums to zero', async () => {
  const userId = await userWith('EUR');
  const quote = await quoteFor(userId);
  const { status, json, headers } = await take(quote.quote_id);
  expect(status).toBe(201);
  const { created_at, expires_at, ...quoted } = quote;
  expect(json).toMatchObject(quoted);
  expect(await balances(userId)).toEqual({ USD: 90_000n, EUR: 9108n });
  expect(await postedFor(json.conversion_id)).toEqual([
    'fee USD 50',
    'fx EUR -9108',
    'fx USD 9950',
    'wallet EUR 9108',
    'wallet USD -10000',
  ]);
  const location = headers.get('location') ?? '';
  expect((await api.get(location)).json).toEqual(json);
});

test('a quote is used once, however many take it at once, under whatever keys', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId);
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => take(quoteId, n % 3 === 0 ? undefined : `k${n}`)),
  );
  expect(answers.map(({ status, json }) => `${status} ${json.code ?? ''}`).sort()).toEqual([
    '201 ',
    ...Array(11).fill('409 quote-used'),
  ]);
  expect(await balances(userId)).toEqual({ USD: 90_000n, EUR: 9108n });
});

test('the same key gets the same answer, byte for byte, also when the quote has expired since', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId);
  const first = await take(quoteId, 'mine');
  const again = await take(quoteId.toUpperCase(), '"mine"');
  expect(again.text).toBe(first.text);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('location')).toBe(first.headers.get('location'));
  const other = await quoteFor(userId);
  expect((await take(other.quote_id, 'mine')).json.code).toBe('idempotency-key-reused');
  expect(await balances(userId)).toEqual({ USD: 90_000n, EUR: 9108n });
});

test('an expired quote is refused by the clock of the database', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId);
  await expire(quoteId);
  const refused = await take(quoteId, 'late');
  expect(refused.json).toMatchObject({ status: 409, code: 'quote-expired', errors: [{ field: 'quote_id' }] });
  expect(refused.headers.get('location')).toBeNull();
  expect((await take(quoteId, 'late')).text).toBe(refused.text);
  expect(await balances(userId)).toEqual({ USD: 100_000n, EUR: 0n });
});

test('a wallet that does not hold enough is not touched, and the quote can be taken later with another key', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId, { amount: 1500 });
  const refused = await take(quoteId, 'poor');
  expect(refused.json).toMatchObject({
    status: 422,
    code: 'conversion-not-funded',
    available_minor: '100000',
    needed_minor: '150000',
    currency: 'USD',
  });
  await world.accept(BigInt(userId), { type: 'withdraw', amountMinor: 100n });
  await database.pool.query('select 1');
  expect((await take(quoteId, 'poor')).text).toBe(refused.text);
  expect(await balances(userId)).toEqual({ USD: 100_000n, EUR: 0n });
});

test('what a withdrawal holds cannot be converted', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId, { amount: 1000 });
  await world.accept(BigInt(userId), { type: 'withdraw', amountMinor: 1n });
  expect((await take(quoteId)).json).toMatchObject({
    code: 'conversion-not-funded',
    available_minor: '99999',
  });
});

describe('a key decides before the quote does', () => {
  /** Lets days pass for what a user was offered. */
  const age = (userId: number) =>
    database.pool.query(
      `update conversion_quotes
       set created_at = created_at - interval '30 days', expires_at = expires_at - interval '30 days'
       where user_id = $1 and used_at is null`,
      [userId],
    );
  const ageKeys = (userId: number) =>
    database.pool.query(
      `update idempotency_keys set created_at = now() - interval '1 year' where scope = $1`,
      [userId],
    );

  test('a refusal is answered again when the quotes that nobody took have been removed since', async () => {
    const userId = await userWith('EUR');
    const [expired, poor, unkeyed] = [
      await quoteFor(userId),
      await quoteFor(userId, { amount: 1500 }),
      await quoteFor(userId),
    ];
    await expire(expired.quote_id);
    const first = await take(expired.quote_id, 'late');
    const second = await take(poor.quote_id, 'poor');
    expect([first.json.code, second.json.code]).toEqual(['quote-expired', 'conversion-not-funded']);
    await age(userId);
    expect((await take(unkeyed.quote_id)).json.code).toBe('quote-expired');
    // The next one removes what can no longer be taken.
    await quoteFor(userId);
    expect((await take(unkeyed.quote_id)).json.code).toBe('quote-not-found');
    for (const [quoteId, key, refused] of [
      [expired.quote_id, 'late', first],
      [poor.quote_id, 'poor', second],
    ] as const) {
      const again = await take(quoteId, key);
      expect([again.status, again.text]).toEqual([refused.status, refused.text]);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
    }
  });

  test('a key that the user has used is told so, whatever quote comes with it now', async () => {
    const [userId, otherId] = [await userWith('EUR'), await userWith('EUR')];
    await take((await quoteFor(userId)).quote_id, 'mine');
    const theirs = (await quoteFor(otherId)).quote_id;
    for (const quoteId of ['6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11', theirs]) {
      expect((await take(quoteId, 'mine', { user_id: userId })).json.code).toBe('idempotency-key-reused');
      expect((await take(quoteId, 'new', { user_id: userId })).json.code).toBe('quote-not-found');
    }
  });

  test('once the answer has expired, a conversion is named, and a refusal names nothing', async () => {
    const userId = await userWith('EUR');
    const taken = (await quoteFor(userId)).quote_id;
    const made = await take(taken, 'made');
    const expired = (await quoteFor(userId)).quote_id;
    await expire(expired);
    await take(expired, 'refused');
    await ageKeys(userId);
    const named = await take(taken, 'made');
    expect(named.json).toMatchObject({
      code: 'idempotency-key-expired',
      conversion_id: made.json.conversion_id,
    });
    expect((await api.get(named.headers.get('location') ?? '')).json).toEqual(made.json);
    const unnamed = await take(expired, 'refused');
    expect(unnamed.json).toMatchObject({
      code: 'idempotency-key-expired',
      detail: expect.stringContaining('was refused, and nothing was made'),
    });
    expect(unnamed.json.conversion).toBeUndefined();
    expect(unnamed.headers.get('location')).toBeNull();
  });
});

test("another user's quote, and one that is not there, are answered alike", async () => {
  const [mine, theirs] = [await userWith('EUR'), await userWith('EUR')];
  const { quote_id: quoteId } = await quoteFor(theirs);
  const foreign = await take(quoteId, undefined, { user_id: mine });
  const unknown = await take('6f1f6a52-8a2e-4f59-9d0c-0d6f6f0a5d11', undefined, { user_id: mine });
  const withoutId = ({ text }: { text: string }) => text.replaceAll(/[0-9a-f-]{36}/g, '');
  expect(foreign.status).toBe(404);
  expect(withoutId(foreign)).toBe(withoutId(unknown));
  expect((await take(quoteId, undefined, { user_id: theirs })).status).toBe(201);
});

test.each([[{}], [{ quote_id: 1 }], [{ quote_id: '1' }], [{ quote_id: "' or 1=1" }], [{ quote_id: null }]])(
  '%j is no quote',
  async (body) => {
    const { json } = await api.post(EXECUTE, body);
    expect(json).toMatchObject({ code: 'validation-failed', errors: [{ field: 'quote_id' }] });
  },
);

test('a conversion that is not there is not found, and neither is a quote that nobody took', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId);
  const { rows } = await database.pool.query('select id from conversion_quotes where token = $1', [quoteId]);
  for (const id of [rows[0].id, 999_999n])
    expect((await api.get(`/api/v1/currency/conversions/${id}`)).json.code).toBe('conversion-not-found');
});

test('one minor unit, a rate below a millionth, and a wallet near 2^53 are converted exactly', async () => {
  const userId = await world.user(2n ** 53n - 1n);
  await openWallet(database, { userId, currency: 'VND', amountMinor: 2n ** 53n - 1n });
  await openWallet(database, { userId, currency: 'KWD', amountMinor: 1n });
  const id = Number(userId);
  const most = await quoteFor(id, { from: 'VND', to: 'USD', amount: '10000000000000' });
  // 10^13 / 2,540,000 * 0.995 dollars.
  expect(most).toMatchObject({ to_amount_minor: '391732283', mid: '0.000000393700787401574' });
  await take(most.quote_id);
  const least = await quoteFor(id, { from: 'KWD', to: 'VND', amount: '0.001' });
  await take(least.quote_id);
  expect(await balances(id)).toEqual({
    USD: 2n ** 53n - 1n + 391_732_283n,
    VND: 2n ** 53n - 1n - 10n ** 13n + BigInt(least.to_amount_minor),
    KWD: 0n,
  });
});

test('there and back at once, many times, by the same users: nobody waits for ever, and nobody gains', async () => {
  const userIds = await Promise.all(Array.from({ length: 4 }, () => userWith('EUR', 'JPY')));
  await Promise.all(userIds.map(async (userId) => take((await quoteFor(userId, { amount: 500 })).quote_id)));
  const pairs = [
    ['USD', 'EUR'],
    ['EUR', 'USD'],
    ['USD', 'JPY'],
    ['JPY', 'EUR'],
  ];
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const [from, to] = pairs[n % pairs.length] as [string, string];
      const userId = userIds[n % userIds.length] as number;
      return await take((await quoteFor(userId, { from, to, amount: 7 })).quote_id);
    }),
  );
  const statuses = answers.map(({ status, json }) => `${status} ${json.code ?? ''}`);
  expect(statuses.filter((status) => !/^201|conversion-not-funded/.test(status))).toEqual([]);
});

test('a used quote is neither changed nor removed, whoever tries', async () => {
  const userId = await userWith('EUR');
  const { quote_id: quoteId } = await quoteFor(userId);
  await take(quoteId);
  for (const statement of ['update conversion_quotes set used_at = null', 'delete from conversion_quotes'])
    await expect(database.pool.query(`${statement} where token = $1`, [quoteId])).rejects.toThrow(
      'stays as it is',
    );
});
