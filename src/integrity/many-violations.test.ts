import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil as waitUntilWithin } from '../../test/support/wait-until.ts';
import { findSystemAccounts } from '../ledger/system-accounts.ts';
import { runIntegrityCheck } from './run-integrity-check.ts';
import { summarizeFound } from './summarize-found.ts';
import { acknowledgeViolation } from './violations.sql.ts';

const MANY = 30_000;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.close());

const check = () =>
  runIntegrityCheck(database.pool, { runMs: 60_000, stepRows: 10_000, reviewRows: 100_000, graceMs: 0 });
const waitUntil = <T>(what: string, happens: Parameters<typeof waitUntilWithin<T>>[1]) =>
  waitUntilWithin(what, happens, { deadlineMs: 60_000 });

/** Payments that are new and have no task: each of them breaks one rule. */
async function damagePayments(count: number): Promise<void> {
  await database.pool.query(
    `insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference, created_at, updated_at)
     select 1, 1, 'deposit', 100, 2, 'USD', 'new', 'damaged-' || n, now() - interval '1 hour', now()
     from generate_series(1, $1) as n`,
    [count],
  );
}

/** Wallets with money that no entry speaks of. */
async function damageWallets(count: number): Promise<void> {
  await findSystemAccounts(database.pool, 'USD');
  await database.pool.query(
    `with users as (insert into users select from generate_series(1, $1) returning id)
     insert into accounts (user_id, kind, currency, scale, floor, posted) select id, 'wallet', 'USD', 2, 0, 5 from users`,
    [count],
  );
}

async function mend(): Promise<void> {
  await database.pool.query(
    'insert into payment_tasks (payment_id, user_id) select id, user_id from payments on conflict do nothing',
  );
}

async function rows() {
  const { rows } = await database.pool.query(
    `select id, rule, subject, subject_count, acknowledged_at is not null as is_acknowledged
     from integrity_violations where resolved_at is null order by id`,
  );
  return rows as {
    id: bigint;
    rule: string;
    subject: string;
    subject_count: number;
    is_acknowledged: boolean;
  }[];
}

async function openCount(): Promise<number> {
  const open = await rows();
  return open.reduce((sum, row) => sum + (row.is_acknowledged ? 0 : row.subject_count), 0);
}

test('thirty thousand damaged payments are one violation with their number and examples, and one line of the log', async () => {
  await damagePayments(MANY);
  const run = await check();
  expect(await rows()).toMatchObject([{ rule: 'open_payment_has_work', subject_count: MANY }]);
  const lines = summarizeFound(run.found);
  expect(lines).toMatchObject([{ rule: 'open_payment_has_work', subject_count: MANY }]);
  expect(lines[0]?.subjects.length).toBeLessThanOrEqual(5);
  expect(lines[0]?.subjects[0]).toMatch(/^payment:\d+$/);

  // Seen again, it is neither written nor told again.
  const again = await check();
  expect(summarizeFound(again.found)).toEqual([]);
  expect(await rows()).toHaveLength(1);
});

test('thirty thousand damaged wallets are one violation, and none of them is left out', async () => {
  await damageWallets(MANY);
  await waitUntil('all of them', async () => {
    await check();
    return (await openCount()) === MANY;
  });
  const open = await rows();
  expect(open.length).toBeLessThanOrEqual(11);
});

test('those that are mended leave the violation, and the last of them ends it', async () => {
  await damagePayments(2000);
  await check();
  await database.pool.query(
    'insert into payment_tasks (payment_id, user_id) select id, user_id from payments order by id limit 500',
  );
  await waitUntil('fewer', async () => {
    await check();
    return (await openCount()) === 1500;
  });
  await mend();
  await waitUntil('none', async () => {
    await check();
    return (await rows()).length === 0;
  });
  const { rows: left } = await database.pool.query('select from integrity_violation_subjects');
  expect(left).toEqual([]);
});

test('acknowledging the one violation hides neither what comes later nor what changes', async () => {
  await damagePayments(50);
  await check();
  const [first] = await rows();
  expect(await acknowledgeViolation(database.pool, { id: first!.id, by: 'ana', reason: 'known' })).toBe(true);
  await check();
  expect(await openCount()).toBe(0);

  await damagePayments(40);
  const later = await check();
  expect(await openCount()).toBe(40);
  expect(summarizeFound(later.found)).toMatchObject([{ subject_count: 40 }]);

  // One of the first fifty is damaged in another way.
  await database.pool.query(
    `update payments set status = 'unknown' where id = (select min(id) from payments)`,
  );
  await check();
  expect(await openCount()).toBe(41);
  await mend();
  await waitUntil('none', async () => {
    await check();
    return (await rows()).length === 0;
  });
});

test('a few violations are kept one by one, so that each can be acknowledged for itself', async () => {
  await damagePayments(3);
  await check();
  expect((await rows()).map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^payment:/),
    expect.stringMatching(/^payment:/),
    expect.stringMatching(/^payment:/),
  ]);
});
