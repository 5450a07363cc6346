import fc from 'fast-check';
import { priceQuote } from '../../src/conversions/quotes/price-quote.ts';
import { deriveRate } from '../../src/conversions/rates/derive-rate.ts';
import { parseRates } from '../../src/conversions/rates/parse-rates.ts';
import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/*
 * Whoever converts and comes back, at rates that have not changed meanwhile, has never more than before: whatever the rates are, however many
 * currencies lie on the way, and whichever amount is named on each leg.
 */

const CURRENCIES = ['USD', 'EUR', 'JPY', 'KWD', 'CLF'] as const;
const TWO_TO_53 = 2n ** 53n;
const NOW = new Date('2026-11-27T12:00:00Z');

/** Rates as a source writes them: decimals of up to fifteen digits, from below a millionth to above a million. */
const rateText = fc
  .tuple(fc.bigInt({ min: 1n, max: 999_999_999_999_999n }), fc.integer({ min: -9, max: 18 }))
  .map(([digits, shift]) => withPoint(digits.toString(), shift))
  .filter((text) => Number(text) >= 1e-9 && Number(text) <= 1e9);
const amounts = fc.oneof(
  fc.constantFrom(1n, 2n, 3n, TWO_TO_53 - 1n, TWO_TO_53, TWO_TO_53 + 1n, 10n ** 13n),
  fc.bigInt({ min: 1n, max: 200n }),
  fc.bigInt({ min: 1n, max: 10n ** 13n }),
);
const trips = fc.record({
  rates: fc.record({ EUR: rateText, JPY: rateText, KWD: rateText, CLF: rateText }),
  start: fc.constantFrom(...CURRENCIES),
  stops: fc.array(fc.constantFrom(...CURRENCIES), { minLength: 1, maxLength: 4 }),
  sides: fc.array(fc.constantFrom('from' as const, 'to' as const), { minLength: 5, maxLength: 5 }),
  amountMinor: amounts,
  spread: fc.constantFrom(0n, 5n, 999n),
});
type Trip = typeof trips extends fc.Arbitrary<infer T> ? T : never;

/** What one has in the end who set out with something; undefined where some leg of the way is refused. */
function travel({ rates, start, stops, sides, amountMinor, spread }: Trip) {
  const given = parseRates(JSON.stringify({ base: 'USD', as_of: NOW.toISOString(), rates }), { now: NOW });
  if (typeof given === 'string') throw new Error(given);
  const known = given.rates.map((rate) => ({ ...rate, base: 'USD', state: 'current' as const, asOf: NOW }));
  const way = [start, ...stops, start].filter((currency, index, all) => currency !== all[index - 1]);
  let gaveMinor: bigint | undefined;
  let hasMinor = amountMinor;
  for (const [index, to] of way.slice(1).entries()) {
    const from = way[index] as string;
    const mid = deriveRate(known, from, to)?.mid;
    if (!mid) throw new Error(`no rate from ${from} to ${to}`);
    const isFirst = gaveMinor === undefined;
    // On the first leg either side is named; later all that there is is given.
    const leg = priceQuote({
      fromCurrency: from,
      toCurrency: to,
      fixedSide: isFirst ? (sides[index] as 'from' | 'to') : 'from',
      amountMinor: hasMinor,
      mid,
      spread: { numerator: spread, denominator: 1000n },
    });
    if (leg.kind !== 'priced') return undefined;
    gaveMinor ??= leg.fromMinor;
    hasMinor = leg.toMinor;
  }
  return gaveMinor === undefined ? undefined : { gaveMinor, hasMinor };
}

test('a round trip gains nothing, and most can be made', () => {
  let madeCount = 0;
  let triedCount = 0;
  fc.assert(
    fc.property(trips, (trip) => {
      triedCount += 1;
      const made = travel(trip);
      if (!made) return;
      madeCount += 1;
      expect(made.hasMinor <= made.gaveMinor).toBe(true);
    }),
    { numRuns: 5000 },
  );
  // If everything were refused, nobody would gain either.
  expect(madeCount / triedCount).toBeGreaterThan(0.2);
});

test.each<[string, Partial<Trip>]>([
  ['one yen to dinars and back', { start: 'JPY', stops: ['KWD'], amountMinor: 1n }],
  ['one fils to yen and back', { start: 'KWD', stops: ['JPY'], amountMinor: 1n }],
  [
    'the largest amount there may be, through all of them',
    { start: 'JPY', stops: ['KWD', 'EUR', 'USD'], amountMinor: 10n ** 11n },
  ],
])('%s: nothing is gained', (_what, changes) => {
  for (const KWD of ['0.000000307', '0.307', '307000'])
    for (const side of ['from', 'to'] as const) {
      const made = travel({
        rates: { EUR: '0.9154', JPY: '150.25', KWD, CLF: '0.025' },
        start: 'JPY',
        stops: ['KWD'],
        sides: [side, side, side, side, side],
        amountMinor: 1n,
        spread: 0n,
        ...changes,
      });
      if (made) expect(made.hasMinor <= made.gaveMinor).toBe(true);
    }
});

test.each(['from', 'to'] as const)(
  'an amount of 2^53 (%s) is too large, and is never read as a double',
  (fixedSide) => {
    const terms = {
      fromCurrency: 'JPY',
      toCurrency: 'KWD',
      fixedSide,
      mid: { numerator: 1n, denominator: 1000n },
    };
    for (const amountMinor of [TWO_TO_53 - 1n, TWO_TO_53, TWO_TO_53 + 1n])
      expect(priceQuote({ ...terms, amountMinor, spread: { numerator: 0n, denominator: 1n } })).toEqual({
        kind: 'too_large',
      });
  },
);

describe('over the API', () => {
  let database: TestDatabase;
  let api: TestApi;

  beforeAll(async () => {
    database = await createTestDatabase();
    api = await startTestApi(database.databaseUrl, { ...RATES_FROM_TESTS, CONVERSION_SPREAD: '0' });
  });
  afterAll(async () => {
    await api.stop();
    await database.close();
  });

  async function convert(userId: number, wanted: object) {
    const quote = await api.post('/api/v1/currency/convert/preview', { user_id: userId, ...wanted });
    if (quote.status !== 200) return quote;
    return await api.post('/api/v1/currency/convert/execute', { quote_id: quote.json.quote_id });
  }

  async function balanceOf(userId: number, currency: string): Promise<bigint> {
    const { json } = await api.get(`/api/v1/users/${userId}/wallets/${currency}`);
    return BigInt(json.balance_minor);
  }

  test.each([
    // What one dollar is worth, what is converted first, and how much of the other currency that comes to.
    ['0.307', '150.25', '1', '2'],
    ['0.307', '150.25', '10000000000000', '20432612312811'],
    ['0.307', '150.25', '4503599627370496', null],
    ['0.0000004', '150.25', '1000000', '2'],
    ['0.0000004', '150.25', '1', null],
    ['307000', '0.5', '7', '4298000000'],
  ])(
    'at %s dinars and %s yen for a dollar, %s yen are worth %s fils, and come back as no more',
    async (KWD, JPY, yen, fils) => {
      // As if there had been no rates before: a jump would be held.
      await database.pool.query('delete from exchange_rates');
      await giveRates(database, { KWD, JPY });
      const created = await api.post('/api/v1/users', { balance: '10000000000000', currency: 'JPY' });
      const userId: number = created.json.id;
      await openWallet(database, { userId: BigInt(userId), currency: 'KWD', amountMinor: 0n });
      const before = await balanceOf(userId, 'JPY');

      const out = await convert(userId, { from: 'JPY', to: 'KWD', amount: yen });
      if (fils === null) {
        expect(out.status).toBe(422);
        expect(await balanceOf(userId, 'JPY')).toBe(before);
        return;
      }
      const isTooMuch = BigInt(fils) > 10n ** 13n;
      expect(out.json).toMatchObject(
        isTooMuch ? { code: 'conversion-too-large' } : { to_amount_minor: fils },
      );
      if (isTooMuch) return;
      expect(out.status).toBe(201);
      const back = await convert(userId, { from: 'KWD', to: 'JPY', amount: out.json.to_amount });
      expect([201, 422]).toContain(back.status);
      expect((await balanceOf(userId, 'JPY')) <= before).toBe(true);
      expect(await balanceOf(userId, 'KWD')).toBe(back.status === 201 ? 0n : BigInt(fils));
    },
  );
});

/** The point so many digits from the right; beyond the digits are zeros. */
function withPoint(digits: string, fromTheRight: number): string {
  if (fromTheRight <= 0) return digits + '0'.repeat(-fromTheRight);
  const padded = digits.padStart(fromTheRight + 1, '0');
  return `${padded.slice(0, -fromTheRight)}.${padded.slice(-fromTheRight)}`;
}
