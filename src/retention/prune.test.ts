import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { type PruneOptions, prune } from './prune.ts';
import type { Retention } from './retained.ts';

const DAY_MS = 86_400_000;
const YEAR: Retention = {
  attempts: 365 * DAY_MS,
  inquiryAnswers: 365 * DAY_MS,
  callbacks: 365 * DAY_MS,
  reports: 365 * DAY_MS,
  differences: 365 * DAY_MS,
  bulkRedrives: 365 * DAY_MS,
  claimPauses: 365 * DAY_MS,
  violations: 365 * DAY_MS,
  events: 365 * DAY_MS,
};

let database: TestDatabase;
let pruned: [string, number][];
beforeEach(async () => {
  database = await createTestDatabase();
  pruned = [];
});
afterEach(() => database.close());

const run = (changes: Partial<PruneOptions> = {}) =>
  prune(database.pool, {
    retention: YEAR,
    runMs: 60_000,
    onPruned: (table, count) => pruned.push([table, count]),
    onError: (_, error) => {
      throw error;
    },
    ...changes,
  });

interface PaymentFacts {
  readonly status?: string;
  readonly age?: string;
  readonly redriveOf?: bigint | null;
  readonly reference?: string;
}

/** A payment with an attempt, an answer to a question and a callback. */
async function payment(facts: PaymentFacts = {}): Promise<bigint> {
  const { status = 'success', age = '2 years', redriveOf = null } = facts;
  const { rows } = await database.pool.query(
    `insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference, redrive_of, created_at, updated_at)
     values (1, 1, 'deposit', 100, 2, 'USD', $1, gen_random_uuid(), $2, now() - $3::interval, now() - $3::interval)
     returning id`,
    [status, redriveOf, age],
  );
  const { id } = rows[0];
  await database.pool.query("update payments set reference = coalesce($2, id || '-ref') where id = $1", [
    id,
    facts.reference,
  ]);
  await database.pool.query(
    `insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker, outcome, finished_at)
     values ($1, 1, 1, 1, 'w', 'unknown', now())`,
    [id],
  );
  await database.pool.query(
    `insert into payment_inquiry_answers (payment_id, asked_count, answer) values ($1, 1, 'unknown')`,
    [id],
  );
  await database.pool.query(
    `insert into gateway_events (event_id, reference, status, amount, currency, raw_body, payment_id, processed_at, result)
     values ('event-' || $1::bigint, $1::bigint || '-ref', 'succeeded', '1.00', 'USD', '{}', $1::bigint, now(), 'matched')`,
    [id],
  );
  return id;
}

async function letter(paymentId: bigint, action: string | null): Promise<void> {
  await database.pool.query(
    `insert into payment_dlq (payment_id, user_id, reason, attempts, action, action_at)
     values ($1, 1, 'attempts_exhausted', 3, $2, case when $2::text is not null then now() end)`,
    [paymentId, action],
  );
}

async function difference(facts: {
  paymentId?: bigint | null;
  reference?: string;
  isOpen?: boolean;
  seen?: string;
}): Promise<bigint> {
  const { paymentId = null, reference = null, isOpen = false, seen = '2 years' } = facts;
  const { rows } = await database.pool.query(
    `insert into reconciliation_differences
       (payment_id, reference, kind, source, dedupe_key, created_at, last_seen_at, closed_at, closed_by, closed_reason)
     select $1, $2, 'status_contradiction', 'callback', gen_random_uuid(), now() - interval '2 years', now() - $4::interval,
            case when not $3 then now() - interval '2 years' end, case when not $3 then 'ana' end,
            case when not $3 then 'known' end
     returning id`,
    [paymentId, reference, isOpen, seen],
  );
  return rows[0].id;
}

/** The payments that still have an attempt, an answer and a callback, and none that has only some of them. */
async function kept(): Promise<bigint[]> {
  const ids = async (table: string): Promise<bigint[]> => {
    const { rows } = await database.pool.query(
      `select distinct payment_id as id from ${table} where payment_id is not null order by 1`,
    );
    return rows.map(({ id }) => id);
  };
  const attempts = await ids('payment_attempts');
  expect(await ids('payment_inquiry_answers')).toEqual(attempts);
  expect(await ids('gateway_events')).toEqual(attempts);
  return attempts;
}

async function remaining(table: string, key = 'id') {
  const { rows } = await database.pool.query(`select ${key} as key from ${table} order by 1`);
  return rows.map(({ key }) => key);
}

test('records of payments that ended long ago go, and those of more recent ones stay', async () => {
  await payment({ age: '2 years' });
  await payment({ status: 'failed' });
  const young = await payment({ age: '10 days' });
  await run();
  expect(await kept()).toEqual([young]);
  expect(Object.fromEntries(pruned)).toEqual({
    payment_attempts: 2,
    payment_inquiry_answers: 2,
    gateway_events: 2,
  });
});

test('whatever may still be decided keeps its evidence, however old it is', async () => {
  const open = await payment({ status: 'new' });
  const unknown = await payment({ status: 'unknown' });
  const redrivable = await payment({ status: 'failed' });
  await letter(redrivable, null);
  const discarded = await payment({ status: 'failed' });
  await letter(discarded, 'discarded');
  const disputed = await payment({ status: 'success' });
  await difference({ paymentId: disputed, isOpen: true });
  const disputedByName = await payment({ status: 'failed', reference: 'shared' });
  await difference({ reference: 'shared', isOpen: true });
  await run();
  expect(await kept()).toEqual([open, unknown, redrivable, disputed, disputedByName]);
});

test('a payment that was redriven keeps its evidence until every payment that was made from it has ended for good', async () => {
  const first = await payment({ status: 'failed' });
  await letter(first, 'redriven');
  const second = await payment({ status: 'failed', redriveOf: first });
  await letter(second, 'redriven');
  const third = await payment({ status: 'failed', redriveOf: second });
  await letter(third, null);
  await run();
  expect(await kept()).toEqual([first, second, third]);
  await database.pool.query(
    `update payment_dlq set action = 'discarded', action_at = now() where action is null`,
  );
  await run();
  expect(await kept()).toEqual([]);
});

test('callbacks that were not processed stay, and those about nobody go when their difference is closed', async () => {
  const id = await payment();
  await database.pool.query('update gateway_events set processed_at = null, result = null');
  await database.pool.query(
    `insert into gateway_events (event_id, reference, status, amount, currency, raw_body, received_at, processed_at, result)
     select name, name, 'succeeded', '1', 'USD', '{}', now() - interval '2 years', now() - interval '2 years', 'exception'
     from unnest(array['disputed', 'settled']) as e (name)`,
  );
  await difference({ reference: 'disputed', isOpen: true });
  await run();
  expect(await remaining('gateway_events', 'event_id')).toEqual(['disputed', `event-${id}`]);
});

test('closed differences go once they are no longer seen or needed, unless something was posted for them', async () => {
  await difference({});
  await difference({ paymentId: await payment() });
  const seen = await difference({ seen: '1 day' });
  const open = await difference({ isOpen: true });
  const redrivable = await payment({ status: 'failed' });
  await letter(redrivable, null);
  const needed = await difference({ paymentId: redrivable });
  const neededByName = await difference({ reference: `${redrivable}-ref` });
  const posted = await difference({});
  await database.pool.query(
    `insert into ledger_transactions (reference, step) values ('difference:' || $1::bigint, 'suspense')`,
    [posted],
  );
  await run();
  expect(await remaining('reconciliation_differences')).toEqual([seen, open, needed, neededByName, posted]);
});

test('reports go with their links to differences, except the last one with a result; so do other things that have ended', async () => {
  await database.pool.query(`
    insert into reconciliation_reports (status, started_by, cut_off_at, finished_at)
    select status, 'schedule', now(), case when status <> 'running' then now() - interval '2 years' end
    from unnest(array['clean', 'differences', 'failed', 'running']) with ordinality as r (status, place) order by place;
    insert into reconciliation_report_differences select id, n from reconciliation_reports, generate_series(1, 30) as n;
    insert into claim_pauses (paused_by, reason, paused_at, resumed_at, resumed_by)
    values ('ana', 'x', now() - interval '2 years', now() - interval '2 years', 'ana'), ('ana', 'x', now() - interval '2 years', null, null);
    insert into bulk_redrives (state, last_letter_id, per_second, total_count, requested_by, reason, finished_at)
    values ('done', 1, 1, 1, 'ana', 'x', now() - interval '2 years'), ('stopped', 1, 1, 1, 'ana', 'x', null);
    insert into integrity_violations (rule, subject, fingerprint, detail, resolved_at)
    values ('r', 'a', 'f', 'd', now() - interval '2 years'), ('r', 'b', 'f', 'd', null)`);
  await run({ sliceRows: 7 });
  expect(await remaining('reconciliation_reports', 'status')).toEqual(['differences', 'failed', 'running']);
  expect(await remaining('reconciliation_report_differences', 'distinct report_id')).toHaveLength(3);
  expect(await remaining('claim_pauses', 'resumed_at')).toEqual([null]);
  expect(await remaining('bulk_redrives', 'state')).toEqual(['stopped']);
  expect(await remaining('integrity_violations', 'subject')).toEqual(['b']);
});

describe('a server whose clock is wrong makes nothing old', () => {
  /** As a clock that goes forward by so much looks from what was noted before, which lies that far back. */
  const jump = (interval: string) =>
    database.pool.query('update retention_clock set seen_at = now() - $1::interval', [interval]);
  const aDayOn = () =>
    database.pool.query(`update retention_clock set steady_since = steady_since - interval '25 hours'`);

  test('while it is ahead nothing is deleted, nor when it has just come back', async () => {
    const id = await payment();
    const unsteady: Date[] = [];
    const onUnsteadyClock = (since: Date) => unsteady.push(since);
    await jump('1 year');
    await run({ onUnsteadyClock });
    await run({ onUnsteadyClock });
    await jump('-1 year');
    await run({ onUnsteadyClock });
    expect(await kept()).toEqual([id]);
    expect(pruned).toEqual([]);
    expect(unsteady).toHaveLength(3);
  });

  test('once it has run steadily for a day, what is old goes', async () => {
    await payment();
    await jump('1 year');
    await run();
    await aDayOn();
    await run();
    expect(await kept()).toEqual([]);
  });

  test('the hours of a night without a worker are no jump', async () => {
    await payment();
    await jump('5 hours');
    await run();
    expect(await kept()).toEqual([]);
  });
});

test('zero keeps everything for ever', async () => {
  const id = await payment({ age: '20 years' });
  await run({ retention: { ...YEAR, attempts: 0, inquiryAnswers: 0, callbacks: 0 } });
  expect(await kept()).toEqual([id]);
});

test('only pruning deletes append-only rows, and pruning one table allows that in no other', async () => {
  await payment();
  await expect(database.pool.query('delete from payment_inquiry_answers')).rejects.toThrow(/is not allowed/);
  const client = await database.pool.connect();
  await client.query(`begin; select set_config('tollgate.prunes', 'payment_inquiry_answers', true)`);
  await expect(client.query('delete from reconciliation_differences')).rejects.toThrow(/is not allowed/);
  await client.query('rollback');
  await client.query(`begin; select set_config('tollgate.prunes', 'payment_inquiry_answers', true)`);
  await expect(client.query(`update payment_inquiry_answers set detail = 'x'`)).rejects.toThrow(
    /is not allowed/,
  );
  await client.query('rollback');
  client.release();
});

test('a hundred thousand rows go in slices, and a table that fails does not stop the others', async () => {
  await database.pool.query(`
    insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference, created_at, updated_at)
    select 1, 1, 'deposit', 100, 2, 'USD', 'success', 'old-' || n, now() - interval '2 years', now() - interval '2 years'
    from generate_series(1, 50000) as n;
    insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker, outcome, finished_at)
    select id, lease, 1, 1, 'w', 'succeeded', now() from payments, generate_series(1, 2) as lease;
    insert into payment_inquiry_answers (payment_id, asked_count, answer) select id, 1, 'unknown' from payments limit 10;
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
    create trigger refuse before delete on payment_inquiry_answers for each statement execute function refuse()`);
  const failed: string[] = [];
  // Each table gets a share of the time, and a busy machine is to need less than that.
  await run({ runMs: 3_600_000, onError: (table) => failed.push(table) });
  expect(failed).toEqual(['payment_inquiry_answers']);
  const slices = pruned.filter(([table]) => table === 'payment_attempts').map(([, count]) => count);
  expect(slices.reduce((sum, count) => sum + count, 0)).toBe(100_000);
  expect(Math.max(...slices)).toBeLessThanOrEqual(2000);
});
