import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { parseConfig, SETTING_PLACES } from './config.ts';

/** The longest time that a timer can wait; it fires at once for more. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** How many times a limit is taken together, at most: a transaction may take as long as three statements. */
const MOST_TOGETHER = 3;
/** Only the database counts with these, and they may be longer than any timer. */
const COUNTED_BY_THE_DATABASE = [
  'RECONCILIATION_HORIZON_HOURS',
  'IDEMPOTENCY_RESPONSE_TTL_DAYS',
  'RETENTION_ATTEMPTS_DAYS',
  'RETENTION_INQUIRY_ANSWERS_DAYS',
  'RETENTION_CALLBACKS_DAYS',
  'RETENTION_REPORTS_DAYS',
  'RETENTION_DIFFERENCES_DAYS',
  'RETENTION_BULK_REDRIVES_DAYS',
  'RETENTION_CLAIM_PAUSES_DAYS',
  'RETENTION_EVENTS_DAYS',
  'RETENTION_VIOLATIONS_DAYS',
];
/** Of these, 0 means something that a small number does not: for ever, or no limit. */
const ZERO_IS_SPECIAL = [
  ...COUNTED_BY_THE_DATABASE.filter((name) => name.startsWith('RETENTION_')),
  'GATEWAY_MAX_CALLS_PER_SECOND',
];

const valuesOf = (environment: Record<string, string>) =>
  parseConfig(environment) as unknown as Record<string, Record<string, unknown>>;
const defaults = valuesOf({});
const numeric = SETTING_PLACES.filter(
  ({ group, field, name }) => typeof defaults[group]?.[field] === 'number' || name.endsWith('_PORT'),
);

/** What becomes of a value: the number that the code reads, or the sentence that refuses it. */
function read(name: string, value: string): number | string {
  const { group, field } = SETTING_PLACES.find(
    (place) => place.name === name,
  ) as (typeof SETTING_PLACES)[number];
  try {
    return valuesOf({ [name]: value })[group]?.[field] as number;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The bounds that the refusal itself names. */
function boundsOf(name: string): { least: string; most: string } {
  const [, least = '', most = ''] =
    /from ([\d.e-]+) to ([\d.e]+), in digits$/.exec(String(read(name, '-1'))) ?? [];
  return { least, most };
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe.each(numeric.map(({ name, field }) => [name, field]))('%s', (name, field) => {
  test.each(['-1', '-0.5', '1e12', '1000000000000', '99999999999999999999', '999999999999999.9'])(
    'is refused by its name when it is %s',
    (value) => {
      expect(read(name, value)).toMatch(
        new RegExp(`^Settings are not valid: ${name}: must be .* in digits$`),
      );
    },
  );

  test('is accepted at both of its bounds, which are written in plain digits', () => {
    const { least, most } = boundsOf(name);
    expect([least, most]).toEqual([expect.stringMatching(/^[\d.]+$/), expect.stringMatching(/^[\d.]+$/)]);
    expect([typeof read(name, least), typeof read(name, most)]).toEqual(['number', 'number']);
  });

  if (ZERO_IS_SPECIAL.includes(name))
    test('above 0 is never read as 0, nor as good as 0', () => {
      expect(read(name, '0')).toBe(0);
      for (const value of ['0.000000000000001', '0.000000001', '0.000000005'])
        expect(read(name, value)).toContain(`${name}: must be 0`);
    });

  if (field.endsWith('Ms'))
    test('overflows no timer and no interval at its upper bound', async () => {
      const mostMs = Number(read(name, boundsOf(name).most));
      const { rows } = await database.pool.query(
        `select now() + $1 * interval '1 millisecond' as later, now() - $1 * interval '1 millisecond' as earlier`,
        [mostMs * MOST_TOGETHER],
      );
      expect(Number.isFinite(rows[0].later.getTime() - rows[0].earlier.getTime())).toBe(true);
      if (!COUNTED_BY_THE_DATABASE.includes(name))
        expect(mostMs * MOST_TOGETHER).toBeLessThan(LONGEST_TIMER_MS);
    });
});

test('the database can count with the slowest rate of calls that is accepted', async () => {
  const [, least = ''] =
    /from ([\d.]+)/.exec(String(read('GATEWAY_MAX_CALLS_PER_SECOND', '0.0000001'))) ?? [];
  expect(read('GATEWAY_MAX_CALLS_PER_SECOND', least)).toBe(Number(least));
  const { rows } = await database.pool.query(
    `select clock_timestamp() + $1::float8 * interval '1 second' as next`,
    [1 / Number(least)],
  );
  expect(rows[0].next).toBeInstanceOf(Date);
});
