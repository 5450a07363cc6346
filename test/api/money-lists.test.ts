import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;
/** Converts as before a limit was set, which refuses what goes beyond it. */
let unlimited: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, {
    ...RATES_FROM_TESTS,
    CONVERSION_POSITION_LIMITS: 'USD:1000,EUR:50,JPY:5',
  });
  unlimited = await startTestApi(database.databaseUrl, RATES_FROM_TESTS);
  await giveRates(database, { EUR: '0.9154', KWD: '0.307' });
});
afterAll(async () => {
  await Promise.all([api.stop(), unlimited.stop()]);
  await database.close();
});

/** A user with dollars, and with empty wallets in these currencies. */
async function userWith(...currencies: string[]): Promise<number> {
  const userId = await api.user(1000);
  for (const currency of currencies) await api.post(`/api/v1/users/${userId}/wallets`, { currency });
  return userId;
}

async function quote(userId: number, to: string, amount = 100): Promise<string> {
  const { json } = await api.post('/api/v1/currency/convert/preview', {
    user_id: userId,
    from: 'USD',
    to,
    amount,
  });
  return json.quote_id;
}
const take = async (token: string) =>
  (await unlimited.post('/api/v1/currency/convert/execute', { quote_id: token })).json;

/** Every entry of a list, page after page. */
// biome-ignore lint/suspicious/noExplicitAny: entries of several lists
async function all(path: string): Promise<any[]> {
  const items: unknown[] = [];
  for (let next: string | undefined = path; next; ) {
    const { status, json, headers } = await api.get(next);
    expect(status).toBe(200);
    items.push(...json.items);
    next = /<(.*)>/.exec(headers.get('link') ?? '')?.[1];
  }
  return items;
}

describe('holds for orders', () => {
  let userId: number;
  const orders = async (query: string) =>
    (await all(`/api/v1/order-holds?user_id=${userId}&limit=1&${query}`)).map(({ order_id }) => order_id);

  beforeAll(async () => {
    userId = await userWith('KWD');
    for (const order_id of ['open', 'captured', 'released', 'expired', 'overdue'])
      await api.post(`/api/v1/accounts/${userId}/hold`, { order_id, amount: 10 });
    await api.post(`/api/v1/accounts/${userId}/capture`, { order_id: 'captured', amount: 4 });
    await api.post(`/api/v1/accounts/${userId}/release`, { order_id: 'released' });
    await database.pool.query(
      `update order_holds set status = 'expired', resolved_at = now(), released_minor = 1000 where order_id = 'expired'`,
    );
    await database.pool.query(
      `update order_holds set expires_at = now() - interval '1 minute' where order_id = 'overdue'`,
    );
  });

  test('are listed by what became of them, newest first, those that are open where nothing is said', async () => {
    expect(await orders('')).toEqual(['overdue', 'open']);
    expect(await orders('state=open')).toEqual(['overdue', 'open']);
    expect(await orders('state=overdue')).toEqual(['overdue']);
    expect(await orders('state=ended')).toEqual(['expired', 'released', 'captured']);
    for (const state of ['captured', 'released', 'expired'])
      expect(await orders(`state=${state}`)).toEqual([state]);
    expect(await orders('state=all')).toEqual(['overdue', 'expired', 'released', 'captured', 'open']);
  });

  test('are told on the overview where one is overdue', async () => {
    const { attention } = (await api.get('/api/v1/overview')).json;
    expect(attention.oldest_overdue_hold_seconds).toBeGreaterThanOrEqual(60);
    expect(attention.held_rates).toBe(0);
  });

  test('of every user, of one, and of one currency', async () => {
    const other = await userWith('EUR');
    await api.post(`/api/v1/accounts/${other}/hold`, { order_id: 'of another', amount: 1 });
    const everybodys = (await all('/api/v1/order-holds?limit=2')).map(({ order_id }) => order_id);
    expect(everybodys).toEqual(['of another', 'overdue', 'open']);
    expect(await all(`/api/v1/order-holds?user_id=${userId}&currency=KWD`)).toEqual([]);
    expect(await all(`/api/v1/order-holds?currency=USD&user_id=${other}`)).toMatchObject([
      { user_id: other, amount: 1, remaining_minor: '100', status: 'open' },
    ]);
  });

  test('are refused a state, a user or a currency that there is not', async () => {
    for (const [query, field] of [
      ['state=gone', 'state'],
      ['user_id=abc', 'user_id'],
      ['currency=usd', 'currency'],
      ['currency=XXY', 'currency'],
      ['order_id=open', 'order_id'],
    ])
      expect(await api.get(`/api/v1/order-holds?${query}`)).toMatchObject({
        status: 422,
        json: { errors: [{ field }] },
      });
  });
});

describe('quotes and conversions', () => {
  test('are listed by what became of them, by user and by currency', async () => {
    const userId = await userWith('EUR', 'KWD');
    const [used, expired, open] = [
      await quote(userId, 'EUR'),
      await quote(userId, 'EUR', 5),
      await quote(userId, 'KWD', 7),
    ];
    const { conversion_id: conversionId } = await take(used);
    await database.pool.query(
      `update conversion_quotes set created_at = now() - interval '2 minutes', expires_at = now() - interval '1 minute' where token = $1`,
      [expired],
    );
    const path = `/api/v1/currency/quotes?user_id=${userId}&limit=1`;
    const tokens = async (query: string) => (await all(`${path}&${query}`)).map(({ quote_id }) => quote_id);
    expect(await tokens('')).toEqual([open, expired, used]);
    expect(await tokens('state=open')).toEqual([open]);
    expect(await tokens('state=expired')).toEqual([expired]);
    expect(await tokens('state=used')).toEqual([used]);
    expect(await tokens('from=USD&to=EUR')).toEqual([expired, used]);
    expect(await tokens('from=EUR')).toEqual([]);
    expect(await all(`${path}&state=used`)).toMatchObject([
      { state: 'used', conversion_id: conversionId, amount: 100, to_amount: 91.08, spread_minor: '50' },
    ]);
    expect(await all(`${path}&state=open`)).toMatchObject([{ conversion_id: null, converted_at: null }]);

    const [listed, ...others] = await all(`/api/v1/currency/conversions?user_id=${userId}`);
    expect(others).toEqual([]);
    expect(listed).toEqual((await api.get(`/api/v1/currency/conversions/${conversionId}`)).json);
  });

  test('leave a position in both currencies, which is held against its limit', async () => {
    const before = await positions();
    const userId = await userWith('EUR');
    await take(await quote(userId, 'EUR'));
    const after = await positions();
    const change = (currency: string) =>
      after[currency].position_minor - (before[currency]?.position_minor ?? 0);
    expect(change('USD')).toBe(9950);
    expect(change('EUR')).toBe(-9108);
    expect(after.USD).toMatchObject({ limit: 1000, limit_minor: '100000', is_over_limit: false });
    expect(after.EUR).toMatchObject({ limit: 50, is_over_limit: true });
    // A limit in a currency that nobody has a wallet in, and a currency without a limit.
    expect(after.JPY).toMatchObject({ position: 0, limit_minor: '5', is_over_limit: false });
    expect(after.KWD).toMatchObject({ limit: null, limit_minor: null, is_over_limit: false });
  });

  // biome-ignore lint/suspicious/noExplicitAny: answers by currency
  async function positions(): Promise<Record<string, any>> {
    const { items } = (await api.get('/api/v1/currency/positions')).json;
    return Object.fromEntries(items.map((item: { currency: string }) => [item.currency, item]));
  }
});
