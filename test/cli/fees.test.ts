import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { createTollgate } from './run-tollgate.ts';

let database: TestDatabase;
let tollgate: ReturnType<typeof createTollgate>;

beforeAll(async () => {
  database = await createTestDatabase();
  tollgate = createTollgate({ DATABASE_URL: database.databaseUrl });
});
afterAll(async () => await database.close());

const because = ['--because', 'a new contract', '--by', 'ana', '--yes'];
const cellsOf = (output: string) =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

test('a fee is set, listed, ended and found in the history', async () => {
  const terms = ['--percent', '1.25', '--fixed', '0.3', '--least', '0.5', '--payer', 'recipient'];
  const set = await tollgate.run(['fees', 'set', 'withdrawal', '--currency', 'EUR', ...terms, ...because]);
  expect(set).toMatchObject({ code: 0, output: expect.stringContaining('1.25 % + 0.3, at least 0.5') });
  expect(set.errors).toContain('fees.set');

  const listed = await tollgate.run(['fees', 'list']);
  expect(cellsOf(listed.output).map((cells) => cells.slice(0, 5))).toEqual([
    ['ID', 'KIND', 'CURRENCY', 'FEE', 'PAYER'],
    ['default', 'deposit', 'any', '2 %', 'recipient'],
    ['1', 'withdrawal', 'EUR', '1.25 % + 0.3, at least 0.5', 'recipient'],
    ['default', 'withdrawal', 'any', '2 %', 'sender'],
    ['default', 'transfer', 'any', '0 %', 'sender'],
  ]);
  const told = await tollgate.json(['fees', 'list', '--currency', 'EUR', '--kind', 'withdrawal']);
  expect(told.items).toMatchObject([{ id: 1, percent: '1.25', fixed_minor: '30', most_minor: null }]);

  expect(await tollgate.run(['fees', 'end', '1', ...because])).toMatchObject({ code: 0 });
  expect(await tollgate.run(['fees', 'end', '1', ...because])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('Nothing was done.'),
  });
  const history = await tollgate.json(['fees', 'list', '--history']);
  expect(history.items).toMatchObject([
    { action: 'end', before: { id: 1 }, after: null, by: 'ana' },
    { action: 'set', before: null, after: { id: 1 }, by: 'ana', reason: 'a new contract' },
  ]);
});

test.each([
  ['refund', '--percent', '1'],
  ['deposit'],
  ['deposit', '--percent', '100'],
  ['deposit', '--percent', '1.23456'],
  ['deposit', '--fixed', '1'],
  ['deposit', '--currency', 'EUROS', '--fixed', '1'],
  ['deposit', '--currency', 'EUR', '--fixed', '0.001'],
  ['deposit', '--currency', 'EUR', '--percent', '1', '--least', '2', '--most', '1'],
])(
  'what cannot be a fee exits with 64 and changes nothing: %s %s %s %s %s',
  async (...args) => {
    const { code, errors } = await tollgate.run(['fees', 'set', ...args, ...because]);
    expect(code).toBe(64);
    expect(errors).not.toBe('');
  },
  180_000,
);

test('without a terminal, nothing is done unless --yes is given', async () => {
  const { code } = await tollgate.run(['fees', 'set', 'deposit', '--percent', '1', '--because', 'x']);
  expect(code).toBe(64);
  const { rows } = await database.pool.query(`select from fee_schedule where kind = 'deposit'`);
  expect(rows).toEqual([]);
});
