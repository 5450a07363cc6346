import { readFileSync } from 'node:fs';
import path from 'node:path';
import { storeRates } from '../../src/conversions/rates/fetch-rates.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const RATES = '/api/v1/currency/rates';
const TOKEN = 'a-token-of-operators-that-is-long-enough';
const AS_OPERATOR = { authorization: `Bearer ${TOKEN}` };

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, {
    RATES_SOURCE: 'http',
    RATES_URL: 'http://ana:hidden-word@127.0.0.1:1/',
    RATES_CALENDAR: 'every_day',
    OPERATOR_TOKEN: TOKEN,
    WORKER_SAMPLE_INTERVAL_SECONDS: '0.1',
  });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function give(quote: string, numerator: bigint, { agoHours = 1 } = {}) {
  await storeRates(
    database.pool,
    {
      base: 'USD',
      asOf: new Date(Date.now() - agoHours * 3_600_000),
      rates: [{ quote, value: { numerator, denominator: 10_000n } }],
      refused: [],
    },
    { source: 'http', maxJump: { numerator: 1n, denominator: 10n } },
  );
}
const ratesOf = async (quote: string) =>
  (await api.get(RATES)).json.items.filter((item: { quote: string }) => item.quote === quote);

test('rates are listed exactly, with where they come from and how old they are', async () => {
  await give('EUR', 9154n);
  await give('SEK', 93_000n, { agoHours: 27 });
  const { json } = await api.get(RATES);
  expect(json.source).toBe('http');
  expect(json.items).toMatchObject([
    { base: 'USD', quote: 'EUR', rate: '0.9154', freshness: 'fresh', state: 'current', approved_by: null },
    { base: 'USD', quote: 'SEK', rate: '9.3', freshness: 'stale', state: 'current' },
  ]);
});

test('a held rate is listed beside the one that counts, and counts once an operator has approved it', async () => {
  await give('JPY', 1_500_000n, { agoHours: 2 });
  await give('JPY', 15_000n);
  const [current, held] = await ratesOf('JPY');
  expect([current.state, held.state]).toEqual(['current', 'held']);

  const approve = (headers = {}) =>
    api.post(`${RATES}/${held.id}/approve`, { by: 'ana', reason: 'a new yen' }, headers);
  expect((await approve()).json.code).toBe('operator-token-required');
  expect(await ratesOf('JPY')).toHaveLength(2);

  const approved = await approve(AS_OPERATOR);
  expect(approved.status).toBe(200);
  expect(approved.json).toMatchObject({ id: held.id, state: 'current', rate: '1.5', approved_by: 'ana' });
  expect(await ratesOf('JPY')).toEqual([approved.json]);

  expect((await approve(AS_OPERATOR)).json).toMatchObject({ status: 409, code: 'rate-not-held' });
  const gone = await api.post(`${RATES}/${current.id}/approve`, {}, AS_OPERATOR);
  expect(gone.json).toMatchObject({ status: 404, code: 'rate-not-found' });
});

test('an approval without a name is that of the operator, and one that is not understood is refused', async () => {
  await give('CHF', 8000n, { agoHours: 2 });
  await give('CHF', 16_000n);
  const [, held] = await ratesOf('CHF');
  const odd = await api.post(`${RATES}/${held.id}/approve`, { rate: 2 }, AS_OPERATOR);
  expect(odd.json).toMatchObject({ code: 'validation-failed', errors: [{ field: 'rate' }] });
  const approved = await api.post(`${RATES}/${held.id}/approve`, {}, AS_OPERATOR);
  expect(approved.json).toMatchObject({ approved_by: 'operator', approved_reason: null });
});

test('metrics say how many rates are fresh, stale and held, and how old the newest is', async () => {
  await give('GBP', 8000n, { agoHours: 2 });
  await give('GBP', 16_000n);
  const readSample = async (series: string) => {
    const page = await (await fetch(`${api.origin}/metrics`, { headers: AS_OPERATOR })).text();
    const line = page.split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  };
  await waitUntil(
    'a held rate in the metrics',
    async () => (await readSample('tollgate_exchange_rates{source="http",state="held"}')) === 1,
  );
  expect(await readSample('tollgate_exchange_rates{source="http",state="stale"}')).toBe(1);
  expect(await readSample('tollgate_exchange_rate_age_seconds{source="http"}')).toBeGreaterThan(3000);
});

test('without a source there are no rates, and none is asked for', async () => {
  const other = await startTestApi(database.databaseUrl);
  try {
    expect((await other.get(RATES)).json).toEqual({ source: 'none', items: [] });
  } finally {
    await other.stop();
  }
});

test('the example settings name no source, so that nobody is asked by accident', () => {
  const example = readFileSync(path.resolve(import.meta.dirname, '..', '..', '.env.example'), 'utf8');
  expect(example).toMatch(/^RATES_SOURCE=none$/m);
});
