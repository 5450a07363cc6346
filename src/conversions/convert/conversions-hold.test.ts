import fc from 'fast-check';
import { giveRates, openWallet } from '../../../test/builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld, WEEK_MS } from '../../../test/builders/payment-world.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { offerQuote } from '../quotes/offer-quote.ts';
import { type Converter, createConverter } from './create-converter.ts';

/*
 * I1 to I3 and I12 over sequences that nobody thought of: several users convert between currencies with two, no and three decimals, a few
 * at a time, at rates that do not change. What a user has, counted in dollars at the exact mid rate, never grows.
 */

const RATES = { JPY: '150.25', KWD: '0.307' };
/** What one minor unit is worth, times 3,070 * 15,025, in cents. */
const WORTH = { USD: 3070n * 15_025n, JPY: (3070n * 15_025n * 10_000n) / 15_025n, KWD: 15_025n * 1000n };
const CURRENCIES = ['USD', 'JPY', 'KWD'] as const;
type Currency = (typeof CURRENCIES)[number];
const freshness = {
  calendar: 'every_day' as const,
  holidays: new Set<string>(),
  maxAgeMs: WEEK_MS,
  hardMaxAgeMs: WEEK_MS,
};
const USERS = 3;

let database: TestDatabase;
let world: PaymentWorld;
let converter: Converter;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  await giveRates(database, RATES);
  converter = createConverter({
    pool: database.pool,
    responseTtlMs: WEEK_MS,
    maxBatchSize: 50,
    maxWaiting: 1000,
    frozenCredits: 'accept',
    positionLimits: new Map(),
    renderResponse: (_request, { kind }) => ({ status: kind === 'converted' ? 201 : 422, body: kind }),
  });
});
afterAll(async () => {
  await converter.stop();
  await database.close();
});

interface Step {
  readonly user: number;
  readonly from: Currency;
  readonly to: Currency;
  readonly fixedSide: 'from' | 'to';
  readonly amountMinor: bigint;
  readonly isTakenTwice: boolean;
}
const step: fc.Arbitrary<Step> = fc
  .record({
    user: fc.nat({ max: USERS - 1 }),
    from: fc.constantFrom(...CURRENCIES),
    to: fc.constantFrom(...CURRENCIES),
    fixedSide: fc.constantFrom('from' as const, 'to' as const),
    amountMinor: fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 20_000n })),
    isTakenTwice: fc.boolean(),
  })
  .filter(({ from, to }) => from !== to);

async function worthOf(userIds: readonly bigint[]): Promise<bigint[]> {
  const { rows } = await database.pool.query(
    'select user_id, currency, posted from accounts where user_id = any ($1)',
    [userIds],
  );
  return userIds.map((userId) =>
    rows
      .filter((row) => row.user_id === userId)
      .reduce((sum, { currency, posted }) => sum + posted * WORTH[currency as Currency], 0n),
  );
}

/** Quotes and takes one conversion; gives what it was quoted, if it went through. */
async function convert(userId: bigint, { from, to, fixedSide, amountMinor, isTakenTwice }: Step) {
  const offer = await offerQuote(
    database.pool,
    {
      userId,
      fromWalletId: null,
      toWalletId: null,
      fromCurrency: from,
      toCurrency: to,
      fixedSide,
      amountMinor,
    },
    {
      source: 'http',
      validMs: 60_000,
      spread: { numerator: 0n, denominator: 100n },
      freshness,
      maxOpen: 1000,
      frozenCredits: 'accept',
    },
  );
  if (offer.kind !== 'offered') return [];
  const { quote } = offer;
  const takes = await Promise.all(
    Array.from({ length: isTakenTwice ? 2 : 1 }, () =>
      converter.execute({ quote, path: '/', idempotency: null }),
    ),
  );
  const converted = takes.filter((take) => take.kind === 'decided' && take.result.kind === 'converted');
  expect(converted.length).toBeLessThanOrEqual(1);
  return converted.map(() => quote);
}

test('the ledger stays whole, quotes are kept to the minor unit, and nobody gains', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const userIds: bigint[] = [];
      for (let n = 0; n < USERS; n += 1) {
        const userId = await world.user(10_000n);
        await openWallet(database, { userId, currency: 'JPY', amountMinor: 5000n });
        await openWallet(database, { userId, currency: 'KWD', amountMinor: 5000n });
        userIds.push(userId);
      }
      const before = await worthOf(userIds);
      const done = (
        await Promise.all(steps.map((each) => convert(userIds[each.user] as bigint, each)))
      ).flat();

      const { rows } = await database.pool.query(
        `select header.reference, account.currency, entry.amount
         from ledger_transactions as header
         join ledger_entries as entry on entry.transaction_id = header.id
         join accounts as account on account.id = entry.account_id and account.kind = 'wallet'
         where header.user_id = any ($1) and header.reference like 'conversion:%'`,
        [userIds],
      );
      const posted = rows.map(({ reference, currency, amount }) => `${reference} ${currency} ${amount}`);
      const quoted = done.flatMap((quote) => [
        `conversion:${quote.id} ${quote.fromCurrency} ${-quote.fromMinor}`,
        `conversion:${quote.id} ${quote.toCurrency} ${quote.toMinor}`,
      ]);
      expect(posted.sort()).toEqual(quoted.sort());
      const after = await worthOf(userIds);
      for (const [index, worth] of after.entries()) expect(worth <= (before[index] as bigint)).toBe(true);
      expect(await world.violations()).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
