import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { NO_FEE, percentOnly } from '../money/fee.ts';
import { formatPercent, parsePercent } from '../money/percent.ts';
import { endFee, setFee } from './change-fees.ts';
import type { NewFee } from './fee-change.ts';
import { listFeeChanges } from './list-fee-changes.sql.ts';
import { listFeesAt } from './read-fees.sql.ts';
import { toValidFees, validFees } from './valid-fees.sql.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

const percent = (text: string) => percentOnly(parsePercent(text)!);
const newFee = (changes: Partial<NewFee> = {}): NewFee => ({
  kind: 'withdrawal',
  currency: 'EUR',
  payer: 'sender',
  terms: percent('1.2345'),
  validFrom: undefined,
  by: 'ana',
  reason: 'a test',
  ...changes,
});
const inAnHour = () => new Date(Date.now() + 3_600_000);

async function set(changes: Partial<NewFee> = {}) {
  const outcome = await setFee(database.pool, newFee(changes));
  if (outcome.kind !== 'set') throw new Error(outcome.kind);
  return outcome.fee;
}
const end = (id: bigint, validTo?: Date) =>
  endFee(database.pool, { id, validTo, by: 'ben', reason: 'it is over' });
/** As a batch reads them, which has more rows than one. */
const readValid = async () =>
  toValidFees(
    (
      await database.pool.query(
        `select ${validFees('position')} from generate_series(1, 3) as position order by position`,
      )
    ).rows,
  );
const valid = async () =>
  (await readValid()).map(({ kind, currency, terms }) => [kind, currency, formatPercent(terms.percent)]);
const rows = async () =>
  (
    await database.pool.query(
      `select id::int, valid_to = 'infinity' as "isOpen", valid_to = valid_from as "isWithdrawn" from fee_schedule order by id`,
    )
  ).rows;

test('a fee is valid as soon as it is set, and exactly what was said', async () => {
  const terms = { ...percent('1.2345'), fixedMinor: 30n, leastMinor: 50n, mostMinor: 10n ** 13n };
  const added = await set({ terms, payer: 'recipient' });
  const { kind, currency, payer } = added;
  expect(await readValid()).toEqual([{ kind, currency, payer, terms: added.terms }]);
  expect(added).toMatchObject({ currency: 'EUR', payer: 'recipient', createdBy: 'ana', validTo: null });
  expect(formatPercent(added.terms.percent)).toBe('1.2345');
  expect(added.terms).toMatchObject({ fixedMinor: 30n, leastMinor: 50n, mostMinor: 10n ** 13n });
});

test('a new fee takes the place of the one of its kind and currency, at one and the same moment', async () => {
  const first = await set();
  await set({ currency: null });
  await set({ kind: 'deposit' });
  const second = await set({ terms: percent('3') });
  expect(await valid()).toEqual(
    expect.arrayContaining([
      ['withdrawal', 'EUR', '3'],
      ['withdrawal', null, '1.2345'],
      ['deposit', 'EUR', '1.2345'],
    ]),
  );
  expect(await valid()).toHaveLength(3);
  const { fees } = await listFeesAt(database.knex, first.validFrom.toISOString());
  expect(fees.map(({ id }) => id)).toEqual([first.id]);
  expect(fees[0]?.validTo).toEqual(second.validFrom);
  const then = await listFeesAt(database.knex, second.validFrom.toISOString());
  expect(then.fees.map(({ id }) => id)).toContain(second.id);
});

test('a fee of a later moment is not valid before, and can be withdrawn: the one that it was to end goes on', async () => {
  const first = await set();
  const later = await set({ validFrom: inAnHour() });
  expect(await valid()).toEqual([['withdrawal', 'EUR', '1.2345']]);
  expect(await rows()).toMatchObject([{ isOpen: false }, { isOpen: true }]);
  expect((await listFeesAt(database.knex, later.validFrom.toISOString())).fees).toMatchObject([
    { id: later.id },
  ]);

  expect(await end(later.id)).toMatchObject({ kind: 'withdraw', other: { id: first.id, validTo: null } });
  expect(await rows()).toMatchObject([{ isOpen: true }, { isOpen: false, isWithdrawn: true }]);
  expect((await listFeesAt(database.knex, later.validFrom.toISOString())).fees).toMatchObject([
    { id: first.id },
  ]);
  expect(await end(later.id)).toMatchObject({ kind: 'has_ended' });
});

test('what was ended before a later fee was set does not go on when that is withdrawn', async () => {
  const [first, moment] = [await set(), inAnHour()];
  await end(first.id, moment);
  const later = await set({ validFrom: moment });
  expect(await end(later.id)).toMatchObject({ kind: 'withdraw', other: null });
  expect((await listFeesAt(database.knex, moment.toISOString())).fees).toEqual([]);
});

test('a fee that is ended is not valid any more, and its end stays', async () => {
  const { id } = await set();
  expect(await end(id)).toMatchObject({ kind: 'end', fee: { validTo: expect.any(Date) } });
  expect(await valid()).toEqual([]);
  expect(await end(id)).toMatchObject({ kind: 'has_ended' });
  expect(await end(99n)).toEqual({ kind: 'not_found' });
});

test('a fee neither begins nor ends in the past by the clock of the database', async () => {
  const past = new Date(Date.now() - 3_600_000);
  expect(await setFee(database.pool, newFee({ validFrom: past }))).toMatchObject({ kind: 'in_the_past' });
  const { id } = await set();
  expect(await end(id, past)).toMatchObject({ kind: 'in_the_past' });
});

test('many who set a fee at the same moment take turns: one is valid, and there is neither gap nor overlap', async () => {
  const moment = inAnHour();
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      setFee(database.pool, newFee({ validFrom: index % 3 === 0 ? moment : undefined })),
    ),
  );
  const kinds = outcomes.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'moment_taken')).toHaveLength(3);
  const found = await database.pool.query(`
    select valid_to = coalesce(lead(valid_from) over (order by valid_from), 'infinity') as "hasNoGap" from fee_schedule`);
  expect(found.rows).toHaveLength(9);
  expect(found.rows.every(({ hasNoGap }) => hasNoGap)).toBe(true);
  // The last of them may begin a few milliseconds later than it was set.
  const { rows: last } = await database.pool.query(
    'select id from fee_schedule where valid_from < $1 order by valid_from desc limit 1',
    [moment],
  );
  const { fees } = await listFeesAt(database.knex, new Date(moment.getTime() - 1).toISOString());
  expect(fees).toMatchObject([{ id: last[0].id }]);
});

test('every change is recorded with who made it, why, and the fees before and after', async () => {
  const first = await set();
  const second = await set({ terms: percent('3'), by: 'eve', reason: 'a new contract' });
  await end(second.id);
  const later = await set({ validFrom: inAnHour() });
  await end(later.id);
  const { items } = await listFeeChanges(database.knex, { limit: 50 });
  expect(items).toMatchObject([
    { action: 'withdraw', before: { id: later.id }, after: null, by: 'ben' },
    { action: 'set', before: null, after: { id: later.id }, effectiveAt: later.validFrom },
    { action: 'end', before: { id: second.id }, after: null, by: 'ben', reason: 'it is over' },
    {
      action: 'set',
      before: { id: first.id },
      after: { id: second.id },
      by: 'eve',
      reason: 'a new contract',
    },
    { action: 'set', before: null, after: { id: first.id }, effectiveAt: first.validFrom },
  ]);
});

describe('the table', () => {
  const one = `insert into fee_schedule (kind, currency, payer, percent, valid_from, created_by, reason)
    values ('deposit', 'EUR', 'sender', 1, now(), 'ana', 'x')`;

  test.each([
    ['a change of what was said', 'update fee_schedule set percent = 2'],
    ['another payer', `update fee_schedule set payer = 'recipient'`],
    ['an end that is moved to the past', `update fee_schedule set valid_to = valid_from - interval '1 ms'`],
    ['a deletion', 'delete from fee_schedule'],
    ['an end of all', 'truncate fee_schedule cascade'],
    ['a fee beside it', one],
    ['another word for what was done', `update fee_changes set reason = 'y'`],
    ['a change that is forgotten', 'delete from fee_changes'],
  ])('refuses %s, even of its owner', async (_, statement) => {
    await set({ kind: 'deposit' });
    await expect(database.pool.query(statement)).rejects.toThrow(
      /not allowed|stays as it was|is valid at the same time/,
    );
  });

  test.each([
    ['100', {}],
    ['-1', {}],
    ['1', { fixed_amount: 5, currency: null }],
    ['1', { least_amount: 5, most_amount: 4 }],
    ['1', { fixed_amount: -1 }],
    ['1', { valid_to: '2000-01-01' }],
  ])('refuses %s %% with %o', async (share, changes) => {
    const row = {
      kind: 'deposit',
      currency: 'EUR',
      payer: 'sender',
      percent: share,
      valid_from: new Date(),
      created_by: 'x',
      reason: 'x',
      ...changes,
    };
    const names = Object.keys(row);
    await expect(
      database.pool.query(
        `insert into fee_schedule (${names.join(', ')}) values (${names.map((__, index) => `$${index + 1}`).join(', ')})`,
        Object.values(row),
      ),
    ).rejects.toThrow(/check constraint|numeric field overflow/);
  });

  test('lets two that are not valid together stand beside each other, whoever writes them', async () => {
    await set({ kind: 'deposit', terms: NO_FEE });
    const outcomes = await Promise.allSettled([
      database.pool.query(one),
      database.pool.query(one.replace("'EUR'", 'null')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
