import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PREVIEW = '/api/v1/currency/convert/preview';
const EXECUTE = '/api/v1/currency/convert/execute';
const FULL = 'position-limit-reached';

let database: TestDatabase;
let world: PaymentWorld;
let apis: TestApi[];

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  await giveRates(database, { EUR: '0.5', JPY: '150' });
  const settings = {
    ...RATES_FROM_TESTS,
    CONVERSION_SPREAD: '0',
    QUOTE_MAX_OPEN: '100',
    CONVERSION_POSITION_LIMITS: 'EUR:100',
  };
  // Two processes, whose conversions must not both take what is left.
  apis = [
    await startTestApi(database.databaseUrl, settings),
    await startTestApi(database.databaseUrl, settings),
  ];
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  await Promise.all(apis.map((api) => api.stop()));
  await database.close();
});

async function newUser(): Promise<number> {
  const userId = await world.user(1_000_000n);
  await openWallet(database, { userId, currency: 'EUR', amountMinor: 0n });
  await openWallet(database, { userId, currency: 'JPY', amountMinor: 0n });
  return Number(userId);
}
async function quote(userId: number, changes: object = {}): Promise<string> {
  const asked = { user_id: userId, from: 'USD', to: 'EUR', amount: 100, ...changes };
  return (await apis[0]!.post(PREVIEW, asked)).json.quote_id;
}
const take = (quoteId: string, key?: string, api = apis[0]!) =>
  api.post(EXECUTE, { quote_id: quoteId }, key === undefined ? {} : { 'Idempotency-Key': key });
const codeOf = async (answer: ReturnType<typeof take>) => (await answer).json.code ?? 'converted';

/** What is owned of a currency by converting, by a rule of this test's own. */
async function positionOf(currency: string): Promise<bigint> {
  const { rows } = await database.pool.query(
    `select coalesce(sum(entry.amount), 0)::bigint as position
     from ledger_entries as entry join accounts as account on account.id = entry.account_id
     where account.kind = 'fx' and account.currency = $1`,
    [currency],
  );
  return rows[0].position;
}

test('a conversion that takes a position beyond its limit is refused, and one that brings it back goes through', async () => {
  const userId = await newUser();
  expect(await codeOf(take(await quote(userId)))).toBe('converted');
  // Folded or not, it is counted.
  expect(await world.violations()).toEqual([]);
  expect(await codeOf(take(await quote(userId)))).toBe('converted');
  expect(await positionOf('EUR')).toBe(-100_00n);

  const tooMuch = await quote(userId, { amount: '0.02' });
  const refused = await take(tooMuch, 'full');
  expect(refused).toMatchObject({
    status: 409,
    json: { code: FULL, retry: 'new-key', errors: [{ field: 'quote_id' }] },
  });
  expect(refused.text).not.toContain('10000');
  const again = await take(tooMuch, 'full');
  expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([refused.text, 'true']);

  expect(await codeOf(take(await quote(userId, { from: 'EUR', to: 'JPY', amount: 10 })))).toBe('converted');
  expect(await codeOf(take(await quote(userId, { amount: 20 })))).toBe('converted');
  expect(await codeOf(take(await quote(userId, { amount: 20 })))).toBe(FULL);
  // Another pair has no limit.
  expect(await codeOf(take(await quote(userId, { to: 'JPY', amount: 1000 })))).toBe('converted');
});

test('of many conversions at once, by several users through two processes, no more go through than there is room for', async () => {
  const users = await Promise.all(Array.from({ length: 4 }, newUser));
  const quotes = await Promise.all(
    Array.from({ length: 24 }, (_, n) => quote(users[n % users.length] as number, { amount: 30 })),
  );
  const codes = await Promise.all(quotes.map((quoteId, n) => codeOf(take(quoteId, undefined, apis[n % 2]))));
  // 15 EUR each: six of them are 90 EUR, and the seventh would be 105.
  expect(codes.toSorted()).toEqual([...Array(6).fill('converted'), ...Array(18).fill(FULL)]);
  expect(await positionOf('EUR')).toBe(-90_00n);
});
