import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { createTollgate } from './run-tollgate.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-rates-'));
const file = path.join(folder, 'rates.json');
const settings = { RATES_SOURCE: 'file', RATES_FILE: file, RATES_CALENDAR: 'every_day' };
const gives = (rates: Record<string, string>, asOf = new Date()) =>
  writeFileSync(file, JSON.stringify({ base: 'USD', as_of: asOf.toISOString(), rates }));

let database: TestDatabase;
let api: TestApi;
let tollgate: ReturnType<typeof createTollgate>;

beforeAll(async () => {
  database = await createTestDatabase();
  // A command is a process of its own, and a quote must outlast some of them.
  api = await startTestApi(database.databaseUrl, { ...settings, QUOTE_VALID_SECONDS: '3600' });
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl, ...settings });
});
afterAll(async () => {
  await api.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

/** The rows of a table, without the line of names. */
const rowsOf = (output: string) =>
  output
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/));

test('rates are read from the source, and one that has jumped waits until a person approves it', async () => {
  gives({ EUR: '0.9154', JPY: '150' });
  const first = await tollgate.run(['rates', 'fetch']);
  expect([first.code, first.output]).toEqual([0, expect.stringContaining('gave 2 rates for USD')]);
  gives({ EUR: '0.9160', JPY: '210.5', XXX: '1', GBP: '-1' });
  const second = await tollgate.json(['rates', 'fetch']);
  expect(second).toMatchObject({ code: 2, source: 'file', base: 'USD', held: ['JPY'] });

  const listed = await tollgate.run(['rates', 'list']);
  expect(listed.code).toBe(2);
  expect(rowsOf(listed.output).map(([, pair, is, state]) => [pair, is, state])).toEqual([
    ['USD to EUR', '0.916', 'fresh'],
    ['USD to JPY', '150', 'fresh'],
    ['USD to JPY', '210.5', 'held'],
  ]);
  const { items } = await tollgate.json(['rates', 'list']);
  const held = items.find(({ state }: { state: string }) => state === 'held');
  expect(held).toMatchObject({ base: 'USD', quote: 'JPY', rate: '210.5', freshness: 'fresh' });

  expect((await tollgate.run(['rates', 'approve', `${held.id}`])).code).toBe(64);
  const approved = await tollgate.run([
    'rates',
    'approve',
    `${held.id}`,
    '--because',
    'it floats',
    '--by',
    'ana',
  ]);
  expect([approved.code, approved.output]).toEqual([0, `Rate ${held.id} counts now: 1 USD = 210.5 JPY.\n`]);
  expect(approved.errors).toContain('rates.approved');
  const again = await tollgate.run(['rates', 'approve', `${held.id}`, '--because', 'x']);
  expect(again).toMatchObject({ code: 1, errors: expect.stringContaining('is not held') });
  expect((await tollgate.run(['rates', 'approve', '987654', '--because', 'x'])).code).toBe(1);
  expect((await tollgate.run(['rates', 'list'])).code).toBe(0);

  gives({ EUR: '9.16', JPY: '210.5' });
  expect(await tollgate.json(['rates', 'fetch'])).toMatchObject({ code: 2, held: ['EUR'] });
  const { items: withHeld } = await tollgate.json(['rates', 'list']);
  const { id } = withHeld.find(({ state }: { state: string }) => state === 'held');
  expect((await tollgate.run(['rates', 'refuse', `${id}`])).code).toBe(64);
  const refused = await tollgate.run([
    'rates',
    'refuse',
    `${id}`,
    '--because',
    'a lost point',
    '--by',
    'ana',
  ]);
  expect([refused.code, refused.output]).toEqual([0, expect.stringContaining(`Rate ${id} is refused`)]);
  expect(refused.errors).toContain('rates.refused_by_operator');
  const late = await tollgate.run(['rates', 'approve', `${id}`, '--because', 'x']);
  expect(late).toMatchObject({ code: 1, errors: expect.stringContaining('was refused by ana') });
  expect(await tollgate.json(['rates', 'fetch'])).toMatchObject({ code: 0, held: [] });
  const listedLast = await tollgate.run(['rates', 'list']);
  expect(listedLast.code).toBe(0);
  expect(rowsOf(listedLast.output).map(([, pair, is, state]) => [pair, is, state])).toContainEqual([
    'USD to EUR',
    '9.16',
    'refused',
  ]);

  rmSync(file);
  const lost = await tollgate.run(['rates', 'fetch']);
  expect([lost.code, lost.errors]).toEqual([1, expect.stringMatching(/No rates were read/)]);
}, 900_000);

test('a quote is shown before and after it is taken, and its conversion is listed', async () => {
  gives({ EUR: '0.9160' });
  await tollgate.run(['rates', 'fetch']);
  const userId = await api.user(1000);
  await api.post(`/api/v1/users/${userId}/wallets`, { currency: 'EUR' });
  const { quote_id: token } = (
    await api.post('/api/v1/currency/convert/preview', {
      user_id: userId,
      from: 'USD',
      to: 'EUR',
      amount: 100,
    })
  ).json;
  const quoted = await tollgate.run(['quotes', 'show', token.toUpperCase()]);
  expect([quoted.code, quoted.output]).toEqual([
    0,
    expect.stringMatching(/100 USD for 91\.14 EUR.*0\.5 USD/),
  ]);
  expect(quoted.output).toContain('Not used.');
  expect(await tollgate.json(['quotes', 'show', token])).toMatchObject({
    quote_id: token,
    conversion_id: null,
    from_minor: '10000',
    to_minor: '9114',
    mid: '0.916',
  });

  const { conversion_id: id } = (await api.post('/api/v1/currency/convert/execute', { quote_id: token }))
    .json;
  expect((await tollgate.run(['quotes', 'show', token])).output).toContain(`conversion ${id}`);
  expect((await tollgate.run(['conversions', 'show', `${id}`])).output).toContain(`Quote ${token}`);
  const listed = await tollgate.run(['conversions', 'list', '--user', `${userId}`, '--from', 'USD']);
  expect(rowsOf(listed.output)).toEqual([
    [`${id}`, `${userId}`, '100 USD', '91.14 EUR', '0.5 USD', '0.91142', expect.any(String)],
  ]);
  expect((await tollgate.run(['conversions', 'list', '--to', 'KWD'])).output).toBe('No conversions match.\n');
  expect((await tollgate.run(['conversions', 'list', '--to', 'XXY'])).code).toBe(64);
  expect((await tollgate.run(['quotes', 'show', 'abc'])).code).toBe(64);
  const nobodys = '00000000-0000-4000-8000-000000000000';
  expect(await tollgate.run(['quotes', 'show', nobodys])).toMatchObject({
    code: 1,
    errors: `There is no quote ${nobodys}.\n`,
  });
  expect((await tollgate.run(['conversions', 'show', '987654'])).code).toBe(1);
});

test('holds are listed by what became of them', async () => {
  const userId = await api.user(1000);
  for (const order_id of ['first', 'second'])
    await api.post(`/api/v1/accounts/${userId}/hold`, { order_id, amount: 10 });
  await api.post(`/api/v1/accounts/${userId}/capture`, { order_id: 'first', amount: 4 });
  const list = async (...more: string[]) =>
    await tollgate.run(['holds', 'list', '--user', `${userId}`, ...more]);
  expect(rowsOf((await list()).output).map((row) => [row[2], row[4], row[5], row.at(-1)])).toEqual([
    ['10 USD', '10 USD', 'open', 'second'],
  ]);
  expect(rowsOf((await list('--state', 'ended')).output).map((row) => [row[3], row[5]])).toEqual([
    ['4 USD', 'captured'],
  ]);
  expect((await list('--state', 'overdue')).output).toBe('No holds match.\n');
  const { id: wallet } = (
    await api.post('/api/v1/wallets', { user_id: userId, currency: 'USD', name: 'savings' })
  ).json;
  expect((await list('--wallet', `${wallet}`)).output).toBe('No holds match.\n');
  const { id: unnamed } = (await api.get(`/api/v1/users/${userId}/wallets/USD`)).json;
  const ofFirst = await tollgate.run(['holds', 'list', '--wallet', `${unnamed}`]);
  expect(rowsOf(ofFirst.output).map((row) => [row[0], row[1], row.at(-1)])).toEqual([
    [`${userId}`, `${unnamed}`, 'second'],
  ]);
  expect((await tollgate.run(['holds', 'list', '--wallet', '987654321'])).output).toBe('No holds match.\n');
  const first = await tollgate.json([
    'holds',
    'list',
    '--state',
    'all',
    '--user',
    `${userId}`,
    '--limit',
    '1',
  ]);
  expect(first).toMatchObject({
    items: [{ order_id: 'second', remaining_minor: '1000' }],
    has_more: true,
    next_cursor: expect.stringMatching(/^h\d+$/),
  });
  const next = await tollgate.json([
    'holds',
    'list',
    '--state',
    'all',
    '--user',
    `${userId}`,
    '--cursor',
    first.next_cursor,
  ]);
  expect(next).toMatchObject({ items: [{ order_id: 'first' }], has_more: false });
  expect((await list('--state', 'gone')).code).toBe(64);
});
