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

describe('a held rate that an operator refuses', () => {
  const refuse = (
    id: number,
    body: object = { by: 'ana', reason: 'a lost decimal point' },
    headers = AS_OPERATOR,
  ) => api.post(`${RATES}/${id}/refuse`, body, headers);
  const statesOf = async (quote: string) =>
    (await ratesOf(quote)).map((rate: { state: string; rate: string }) => [rate.state, rate.rate]);
  const preview = async (to: string) => {
    const user = await api.post('/api/v1/users/', { balance: 100 });
    await api.post(`/api/v1/users/${user.json.id}/wallets`, { currency: to });
    return await api.post('/api/v1/currency/convert/preview', {
      user_id: user.json.id,
      from: 'USD',
      to,
      amount: 10,
    });
  };

  test('is recorded with who, when and why, and is offered to nobody any more', async () => {
    await give('PLN', 40_000n, { agoHours: 3 });
    await give('PLN', 400_000n, { agoHours: 2 });
    expect((await preview('PLN')).json.code).toBe('rate-held');
    const held = (await ratesOf('PLN'))[1];
    const refused = await refuse(held.id);
    expect(refused.status).toBe(200);
    expect(refused.json).toMatchObject({
      id: held.id,
      state: 'refused',
      refused_by: 'ana',
      refused_reason: 'a lost decimal point',
      refused_at: expect.stringMatching(/^\d{4}-.*Z$/),
      approved_by: null,
    });
    expect(await statesOf('PLN')).toEqual([
      ['current', '4'],
      ['refused', '40'],
    ]);
    // The rate that counted counts again.
    expect((await preview('PLN')).status).toBe(200);
    const { json } = await api.request('GET', '/api/v1/overview', { headers: AS_OPERATOR });
    expect(json.attention.held_rates).toBe(0);
  });

  test('cannot be approved or refused afterwards, and the answer says who refused it', async () => {
    const [, refused] = await ratesOf('PLN');
    for (const act of ['approve', 'refuse']) {
      const answer = await api.post(`${RATES}/${refused.id}/${act}`, { reason: 'again' }, AS_OPERATOR);
      expect(answer.json).toMatchObject({ status: 409, code: 'rate-not-held' });
      expect(answer.json.detail).toContain(`Rate ${refused.id} was refused by ana at ${refused.refused_at}`);
    }
    expect((await ratesOf('PLN'))[1]).toEqual(refused);
  });

  test('is not asked about again while the source repeats it, and another number is', async () => {
    const [, before] = await ratesOf('PLN');
    await give('PLN', 400_000n, { agoHours: 1 });
    const [, after] = await ratesOf('PLN');
    expect(after).toMatchObject({ id: before.id, state: 'refused', refused_at: before.refused_at });
    expect(Date.parse(after.as_of)).toBeGreaterThan(Date.parse(before.as_of));

    await give('PLN', 410_000n, { agoHours: 0.9 });
    expect(await statesOf('PLN')).toEqual([
      ['current', '4'],
      ['held', '41'],
    ]);
    const approved = await api.post(`${RATES}/${(await ratesOf('PLN'))[1].id}/approve`, {}, AS_OPERATOR);
    expect(approved.json).toMatchObject({ state: 'current', rate: '41' });
  });

  test('goes away when the source comes back to what it was, and may be asked about later', async () => {
    await give('CZK', 200_000n, { agoHours: 3 });
    await give('CZK', 2_000_000n, { agoHours: 2.9 });
    await refuse((await ratesOf('CZK'))[1].id);
    await give('CZK', 201_000n, { agoHours: 2.8 });
    expect(await statesOf('CZK')).toEqual([['current', '20.1']]);
    await give('CZK', 2_000_000n, { agoHours: 2.7 });
    expect(await statesOf('CZK')).toEqual([
      ['current', '20.1'],
      ['held', '200'],
    ]);
  });

  test('takes an operator, a reason and a held rate', async () => {
    await give('HUF', 3_500_000n, { agoHours: 2 });
    await give('HUF', 7_000_000n);
    const [current, held] = await ratesOf('HUF');
    expect((await refuse(held.id, undefined, {} as never)).json.code).toBe('operator-token-required');
    expect((await refuse(held.id, { by: 'ana' })).json).toMatchObject({
      code: 'validation-failed',
      errors: [{ field: 'reason' }],
    });
    expect((await refuse(held.id, { reason: 'x', rate: 2 })).json).toMatchObject({
      errors: [{ field: 'rate' }],
    });
    expect((await refuse(current.id)).json).toMatchObject({
      code: 'rate-not-held',
      detail: `Rate ${current.id} is not held: it counts already.`,
    });
    expect((await refuse(987_654)).json).toMatchObject({ status: 404, code: 'rate-not-found' });
    expect(await statesOf('HUF')).toEqual([
      ['current', '350'],
      ['held', '700'],
    ]);
    expect((await refuse(held.id, { reason: 'nobody said who' })).json.refused_by).toBe('operator');
  });

  test('and approves at the same moment is one or the other', async () => {
    await give('DKK', 68_000n, { agoHours: 2 });
    await give('DKK', 680_000n);
    const [, held] = await ratesOf('DKK');
    const answers = await Promise.all([
      refuse(held.id),
      api.post(`${RATES}/${held.id}/approve`, { by: 'ben' }, AS_OPERATOR),
      refuse(held.id, { by: 'cleo', reason: 'the same' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });
});

test('metrics say how many rates are fresh, stale and held, and how old the newest is', async () => {
  const { items } = (await api.get(RATES)).json;
  const heldBefore = items.filter(({ state }: { state: string }) => state === 'held').length;
  await give('GBP', 8000n, { agoHours: 2 });
  await give('GBP', 16_000n);
  const readSample = async (series: string) => {
    const page = await (await fetch(`${api.origin}/metrics`, { headers: AS_OPERATOR })).text();
    const line = page.split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ')[1]);
  };
  await waitUntil(
    'a held rate in the metrics',
    async () => (await readSample('tollgate_exchange_rates{source="http",state="held"}')) === heldBefore + 1,
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
