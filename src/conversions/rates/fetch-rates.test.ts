import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { holdRows } from '../../../test/support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { formatFraction, parseFraction } from '../../money/fraction.ts';
import { approveRate } from './approve-rate.ts';
import { listRates } from './exchange-rates.sql.ts';
import { fetchRates, storeRates } from './fetch-rates.ts';
import { createFileRates } from './file-rates.ts';
import { type RateProvider, RateSourceError } from './rate-provider.ts';

const maxJump = { numerator: 1n, denominator: 10n };
const BY = { by: 'ana', reason: 'it is true' };

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

const hour = (hours: number) => new Date(Date.UTC(2026, 0, 5, hours));

/** A source gives these rates for the dollar, at an hour of one day. */
async function give(atHour: number, rates: Readonly<Record<string, string>>, base = 'USD') {
  const decided = await storeRates(
    database.pool,
    {
      base,
      asOf: hour(atHour),
      rates: Object.entries(rates).map(([quote, text]) => {
        const value = parseFraction(text);
        if (!value) throw new Error(text);
        return { quote, value };
      }),
      refused: [],
    },
    { source: 'http', maxJump },
  );
  return Object.fromEntries(decided.map(({ quote, fate }) => [quote, fate]));
}

async function known() {
  const { rates } = await listRates(database.knex, 'http');
  return rates.map(({ quote, state, value }) => `${quote} ${state} ${formatFraction(value, 20)}`);
}

const heldId = async () => {
  const { rates } = await listRates(database.knex, 'http');
  return rates.find(({ state }) => state === 'held')?.id as bigint;
};

test('the first rates count at once, and later ones take their place', async () => {
  await give(1, { EUR: '0.92', JPY: '150.25' });
  await give(2, { EUR: '0.93' });
  expect(await known()).toEqual(['EUR current 0.93', 'JPY current 150.25']);
});

test('a rate at the limit of a jump counts, and one beyond it is held beside the one that counts', async () => {
  await give(1, { EUR: '1', JPY: '100', KWD: '1', CHF: '1' });
  const fates = await give(2, { EUR: '1.1', JPY: '110.0000000001', KWD: '0.9', CHF: '0.8999999999' });
  expect(fates).toEqual({ EUR: 'current', JPY: 'held', KWD: 'current', CHF: 'held' });
  expect(await known()).toEqual([
    'CHF current 1',
    'CHF held 0.8999999999',
    'EUR current 1.1',
    'JPY current 100',
    'JPY held 110.0000000001',
    'KWD current 0.9',
  ]);
});

test('a source that turns to another base is compared with what it said before, and does not begin anew', async () => {
  await give(1, { EUR: '0.5', JPY: '100' });
  expect(await give(2, { USD: '0.5', JPY: '201', GBP: '0.8' }, 'EUR')).toEqual({
    USD: 'held',
    JPY: 'current',
    GBP: 'first',
  });
  expect(await known()).toEqual([
    'GBP current 0.8',
    'JPY current 201',
    'USD held 0.5',
    'EUR current 0.5',
    'JPY current 100',
  ]);
  expect(await approveRate(database.pool, { id: await heldId(), ...BY })).toBe(true);
  expect(await give(3, { USD: '0.51' }, 'EUR')).toEqual({ USD: 'current' });
});

test('two that fetch for different bases at once are compared with each other, too', async () => {
  const [first, second] = await Promise.all([give(1, { EUR: '0.5' }), give(1, { USD: '0.5' }, 'EUR')]);
  expect([first.EUR, second.USD].toSorted()).toEqual(['first', 'held']);
});

test('an approved rate counts, and what comes later is compared with it', async () => {
  await give(1, { EUR: '1' });
  await give(2, { EUR: '2' });
  expect(await approveRate(database.pool, { id: await heldId(), ...BY })).toBe(true);
  expect(await known()).toEqual(['EUR current 2']);
  expect(await give(3, { EUR: '2.1' })).toEqual({ EUR: 'current' });
});

test('who approved a rate is kept while the source repeats the number, and goes with it', async () => {
  await give(1, { EUR: '1' });
  await give(2, { EUR: '2' });
  await approveRate(database.pool, { id: await heldId(), ...BY });
  await give(3, { EUR: '2.0' });
  expect((await listRates(database.knex, 'http')).rates).toMatchObject([
    { approvedBy: 'ana', approvedReason: 'it is true', asOf: hour(3) },
  ]);
  await give(4, { EUR: '2.01' });
  expect((await listRates(database.knex, 'http')).rates).toMatchObject([
    { approvedBy: null, approvedAt: null, approvedReason: null },
  ]);
});

test('another number is another id: what was seen is what is approved', async () => {
  await give(1, { EUR: '1' });
  await give(2, { EUR: '2' });
  const seen = await heldId();
  await give(3, { EUR: '2' });
  expect(await heldId()).toBe(seen);
  await give(4, { EUR: '200' });
  expect(await approveRate(database.pool, { id: seen, ...BY })).toBe(false);
  expect(await known()).toEqual(['EUR current 1', 'EUR held 200']);
});

test('a source that comes back to what was known takes a held rate with it', async () => {
  await give(1, { EUR: '1' });
  await give(2, { EUR: '100' });
  await give(3, { EUR: '1.01' });
  expect(await known()).toEqual(['EUR current 1.01']);
});

test('what is older than what is known is passed over', async () => {
  await give(2, { EUR: '1' });
  expect(await give(1, { EUR: '1.05' })).toEqual({ EUR: 'older' });
  await give(5, { EUR: '2' });
  expect(await give(4, { EUR: '1.02' })).toEqual({ EUR: 'older' });
  expect(await known()).toEqual(['EUR current 1', 'EUR held 2']);
});

test('a rate is approved once, by one of many', async () => {
  await give(1, { EUR: '1' });
  await give(2, { EUR: '2' });
  const id = await heldId();
  const approved = await Promise.all(
    Array.from({ length: 5 }, () => approveRate(database.pool, { id, ...BY })),
  );
  expect(approved.filter(Boolean)).toHaveLength(1);
});

test('rates that are stored at the same time, by two who know of nothing, leave one of each pair', async () => {
  await Promise.all(Array.from({ length: 8 }, (_, n) => give(n, { EUR: '1', JPY: '150' })));
  expect(await known()).toEqual(['EUR current 1', 'JPY current 150']);
  expect((await listRates(database.knex, 'http')).rates[0]?.asOf).toEqual(hour(7));
});

test('two who fetch the first rates of a source at once: one number is the first, and the other is compared with it', async () => {
  const holder = await holdRows(database.ownerUrl, 'lock table exchange_rates in share row exclusive mode');
  const both = Promise.all([give(1, { EUR: '1' }), give(2, { EUR: '2' })]);
  await waitUntil('two who wait', async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0].count === 2;
  });
  await holder.letGo();
  const fates = (await both).map(({ EUR }) => EUR);
  // Whoever comes second finds a jump, or something newer than its own.
  expect(fates.toSorted()).toEqual(['first', fates[0] === 'first' ? 'held' : 'older'].toSorted());
  const [current] = (await listRates(database.knex, 'http')).rates;
  expect(current).toMatchObject({ state: 'current', isFirst: true });
});

test('a first rate counts, and is known as one until a number that was compared takes its place', async () => {
  const isFirst = async () => (await listRates(database.knex, 'http')).rates.map((rate) => rate.isFirst);
  expect(await give(1, { EUR: '1' })).toEqual({ EUR: 'first' });
  expect(await isFirst()).toEqual([true]);
  expect(await give(2, { EUR: '1.0' })).toEqual({ EUR: 'current' });
  expect(await isFirst()).toEqual([true]);
  expect(await give(3, { EUR: '2', JPY: '150' })).toEqual({ EUR: 'held', JPY: 'first' });
  expect(await give(4, { EUR: '1.01' })).toEqual({ EUR: 'current' });
  expect(await isFirst()).toEqual([false, true]);
});

test('an approved rate is no first one', async () => {
  await give(1, { EUR: '1' });
  await give(2, { EUR: '2' });
  await approveRate(database.pool, { id: await heldId(), ...BY });
  expect((await listRates(database.knex, 'http')).rates).toMatchObject([
    { state: 'current', isFirst: false },
  ]);
});

test('a source that is away for a moment is asked again, and one that answers nonsense is not', async () => {
  const failing = (mayPass: boolean) => {
    let tries = 0;
    const provider: RateProvider = {
      source: 'http',
      async read() {
        tries += 1;
        if (tries === 1) throw new RateSourceError('http', 'the answer was 503', { mayPass });
        return { base: 'USD', asOf: hour(1), rates: [], refused: [] };
      },
    };
    return { provider, tryCount: () => tries };
  };
  const away = failing(true);
  await fetchRates(database.pool, { provider: away.provider, timeoutMs: 20_000, maxJump });
  expect(away.tryCount()).toBe(2);
  const wrong = failing(false);
  await expect(
    fetchRates(database.pool, { provider: wrong.provider, timeoutMs: 20_000, maxJump }),
  ).rejects.toThrow('503');
  expect(wrong.tryCount()).toBe(1);
});

describe('a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-rates-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (file: string) => createFileRates({ path: file }).read(new AbortController().signal);

  test('is read, and what is wrong with it is told', async () => {
    const file = path.join(folder, 'rates.json');
    writeFileSync(file, '{"base": "USD", "date": "2026-01-05", "rates": {"EUR": 0.92}}');
    expect((await read(file)).rates).toHaveLength(1);
    writeFileSync(file, 'x'.repeat(1_000_001));
    await expect(read(file)).rejects.toThrow('more than 1000000 bytes');
    await expect(read(path.join(folder, 'missing'))).rejects.toThrow('cannot be read (ENOENT)');
    await expect(read(folder)).rejects.toThrow('not a file');
  });
});
