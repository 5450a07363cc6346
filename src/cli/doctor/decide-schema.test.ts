import type { ModelState } from '../../database/model/decide-model.ts';
import type { IntegrityReport } from '../../integrity/integrity-report.ts';
import type { DatabaseSample } from '../../telemetry/sample-database.sql.ts';
import { decideIntegrity, decideMigrations, decideScales, decideUpkeep } from './decide-schema.ts';

describe('migrations', () => {
  test('all of which the database has had', () => {
    expect(decideMigrations({ kind: 'current' })).toEqual({
      name: 'migrations',
      verdict: 'ok',
      detail: 'none pending',
      advice: null,
    });
  });

  test('that are missing have to be run', () => {
    expect(decideMigrations({ kind: 'behind', missing: ['0001', '0002'] })).toMatchObject({
      verdict: 'fail',
      detail: '2 pending: 0001, 0002',
      advice: expect.stringContaining('npx tollgate migrate'),
    });
  });

  test.each<[ModelState, string]>([
    [{ kind: 'newer', unknown: ['0002'] }, 'by a newer version of Tollgate (0002)'],
    [{ kind: 'before_first_release' }, 'before the first release'],
    [{ kind: 'another_program' }, 'of another program'],
  ])('of a database on which nothing starts: %p', (state, detail) => {
    expect(decideMigrations(state)).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining(detail),
      advice: expect.stringContaining('does not start'),
    });
  });
});

describe('currencies', () => {
  test('with the decimals that money is kept with', () => {
    expect(
      decideScales([
        { currency: 'USD', scale: 2 },
        { currency: 'JPY', scale: 0 },
      ]),
    ).toMatchObject({
      verdict: 'ok',
      detail: 'decimals: USD with 2, JPY with 0',
    });
    expect(decideScales([])).toMatchObject({ verdict: 'ok', detail: 'decimals: none yet' });
  });

  test('of which this version would read another amount', () => {
    expect(
      decideScales([
        { currency: 'JPY', scale: 2 },
        { currency: 'HRK', scale: 2 },
      ]),
    ).toMatchObject({
      verdict: 'fail',
      detail: 'Money in JPY is kept with 2 decimals, and this version counts 0.',
    });
  });

  test('that were retired', () => {
    expect(
      decideScales([
        { currency: 'USD', scale: 2 },
        { currency: 'HRK', scale: 2 },
      ]),
    ).toMatchObject({
      verdict: 'warn',
      advice: expect.stringMatching(/retired currencies: HRK\.$/),
    });
  });
});

describe('upkeep', () => {
  const decide = (changes: Partial<DatabaseSample>) =>
    decideUpkeep({
      oldestTransactionSeconds: 0,
      snapshotLagTransactions: 0,
      tables: [],
      ...changes,
    } as DatabaseSample);
  const table = (name: string, dead: number, live: number) =>
    ({ table: name, dead, live }) as DatabaseSample['tables'][number];

  test.each([
    [60, 'ok'],
    [61, 'warn'],
    [600, 'warn'],
    [601, 'fail'],
  ])('a snapshot that is held for %d s: %s', (oldestTransactionSeconds, verdict) => {
    expect(decide({ oldestTransactionSeconds })[0]).toMatchObject({ name: 'oldest snapshot', verdict });
  });

  test('no snapshot is older than now', () => {
    expect(decide({ oldestTransactionSeconds: -0.4, snapshotLagTransactions: 3 })[0]?.detail).toBe(
      'held for 0.0 s, 3 transactions ago',
    );
  });

  test.each([
    ['few', 200_000, 10, 'ok'],
    ['many beside few that live', 200_001, 10, 'warn'],
    ['many, and few beside those that live', 200_001, 700_000, 'ok'],
    ['as many as may be for those that live', 300_000, 1_000_000, 'ok'],
    ['many for those that live, too', 200_001, 600_000, 'warn'],
  ])('dead tuples: %s', (_what, dead, live, verdict) => {
    expect(decide({ tables: [table('payments', dead, live)] })[1]).toMatchObject({
      name: 'dead tuples',
      verdict,
    });
  });

  test('the table with the most is shown, and all that are behind are named', () => {
    const tables = [table('holds', 250_000, 1), table('payments', 900_000, 1), table('payment_tasks', 5, 1)];
    expect(decide({ tables })[1]).toMatchObject({
      detail: 'most in payments: 900000, beside 1 live',
      advice: expect.stringContaining('behind on holds, payments:'),
    });
    expect(decide({ tables: [table('holds', 0, 7)] })[1]?.detail).toBe('none');
  });
});

test.each([
  ['ok', null, 'ok', 'ok'],
  ['stale', 'the check does not run', 'warn', 'stale: the check does not run'],
  ['violated', '2 violations stand', 'fail', 'violated: 2 violations stand'],
] as const)('integrity that is %s', (status, reason, verdict, detail) => {
  expect(decideIntegrity({ status, reason } as IntegrityReport)).toMatchObject({
    name: 'integrity',
    verdict,
    detail,
  });
});
