import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool } from '../database/database.ts';
import { redriveDeadLetter } from '../dead-letters/redrive-dead-letter.ts';
import { parseBookLine } from '../gateway/answers/parse-book-line.ts';
import type { BookLine, GatewayBook } from '../gateway/port/gateway-book.ts';
import { readSystemBalance } from '../ledger/read-balance.sql.ts';
import { searchPaymentIds } from '../payments/read/search-payments.sql.ts';
import { postToSuspense } from './post-to-suspense.ts';
import { findReport } from './reports.sql.ts';
import { type ReconciliationOptions, runReconciliation } from './run-reconciliation.ts';

let database: TestDatabase;
let world: PaymentWorld;
let userId: bigint;
let lines: BookLine[];

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  userId = await world.user(1_000_000n);
  lines = [];
});
afterEach(() => database.close());

const book: GatewayBook = {
  async *read() {
    yield* lines;
  },
  close() {},
};
const reconcile = (changes: Partial<ReconciliationOptions> = {}) =>
  runReconciliation({ ...database, book, startedBy: 'command', graceMs: 0, pageSize: 3, ...changes });

function enter(changes: Partial<BookLine>): void {
  lines.push({
    line: lines.length + 1,
    reference: '999-none',
    gatewayReference: 'gw',
    type: 'deposit',
    amountMinor: 20_000n,
    currency: 'USD',
    status: 'succeeded',
    executedAt: new Date(),
    unreadableTime: null,
    ...changes,
  });
}

async function referenceOf(paymentId: bigint): Promise<string> {
  const { rows } = await database.pool.query('select reference from payments where id = $1', [paymentId]);
  return rows[0].reference;
}

/** A payment that has ended here; the book knows of it what the test enters. */
async function ended(type: 'deposit' | 'withdraw', answer: keyof typeof answers = 'succeeded') {
  const { gateway, answerSends } = createScriptedGateway();
  answerSends(() => answers[answer]);
  const paymentId = await world.accept(userId, { type, amountMinor: 20_000n });
  const worker = world.worker(gateway);
  worker.start();
  await waitUntil('an ended payment', async () => (await world.payment(paymentId)).status !== 'processing');
  await worker.stop(1000);
  return { paymentId, reference: await referenceOf(paymentId), type };
}

async function differences() {
  const { rows } = await database.pool.query(
    'select id, kind, reference, closed_by from reconciliation_differences order by id',
  );
  return rows as { id: bigint; kind: string; reference: string; closed_by: string | null }[];
}
const clearing = () => readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' });
const suspense = () => readSystemBalance(database.knex, { kind: 'suspense', currency: 'USD' });
const netOfBook = () =>
  lines
    .filter(({ status }) => status === 'succeeded')
    .reduce((sum, { type, amountMinor }) => sum + (type === 'deposit' ? amountMinor : -amountMinor), 0n);

test('two books that agree are matched, page by page, and their totals are the same', async () => {
  for (let count = 0; count < 4; count += 1) {
    enter(await ended('deposit'));
    enter({ ...(await ended('withdraw')), amountMinor: 20_000n });
  }
  enter({ ...(await ended('deposit', 'refused')), status: 'declined' });
  const result = await reconcile();
  expect(result).toMatchObject({ status: 'clean', counts: { matched: 8, inTransit: 0, differences: {} } });
  expect(result.totals).toEqual([
    {
      currency: 'USD',
      oursMinor: 0n,
      theirsMinor: 0n,
      inTransitMinor: 0n,
      differencesMinor: 0n,
      clearingMinor: 0n,
    },
  ]);
  expect(await findReport(database.knex, result.reportId)).toMatchObject({
    status: 'clean',
    startedBy: 'command',
    counts: result.counts,
    totals: result.totals,
  });
  expect(await world.count('reconciliation_book_lines')).toBe(0);
});

test('a line whose time cannot be read is a difference by itself, and its money is compared like that of other lines', async () => {
  const matched = await ended('deposit');
  enter(await ended('deposit'));
  const written = [
    '0000-01-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.000Z',
    '+999999-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '2026-13-45T99:99:99Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T23:59:60Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '01.02.2026',
    'yesterday',
    '',
    'infinity',
    '\u0000\ud800',
    '9'.repeat(500),
    1767225600,
    null,
    true,
    [],
    {},
    undefined,
  ];
  const parse = (fields: object, executed_at: unknown) => {
    const line = lines.length + 1;
    const text = JSON.stringify({
      line,
      type: 'deposit',
      amount_minor: '20000',
      currency: 'USD',
      status: 'succeeded',
      ...fields,
      executed_at,
    });
    const parsed = parseBookLine(text, line - 1);
    if (parsed.kind !== 'line') throw new Error(parsed.kind);
    lines.push(parsed.line);
  };
  parse({ reference: matched.reference }, written[0]);
  for (const [index, executedAt] of written.entries()) parse({ reference: `999-${index}` }, executedAt);
  const result = await reconcile();
  expect(result).toMatchObject({
    status: 'differences',
    counts: {
      matched: 2,
      differences: {
        unreadable_line: { found: written.length + 1, open: written.length + 1 },
        missing_here: { found: written.length },
      },
    },
  });
  const { rows } = await database.pool.query(
    `select id, payment_id, theirs from reconciliation_differences where kind = 'unreadable_line' order by id limit 1`,
  );
  expect(rows[0]).toMatchObject({
    payment_id: matched.paymentId,
    theirs: { executed_at: '0000-01-01T00:00:00Z', status: 'succeeded', amount: '200', currency: 'USD' },
  });
  expect(await postToSuspense(database.pool, { id: rows[0].id, by: 'ana', reason: 'x' })).toMatchObject({
    kind: 'refused',
  });
  // Seen again it is the same one.
  expect((await reconcile()).counts.differences.unreadable_line).toEqual({
    found: written.length + 1,
    open: written.length + 1,
  });
  expect(await world.violations()).toEqual([]);
});

test('amounts whose sum exceeds a bigint are added up all the same', async () => {
  for (let count = 0; count < 12; count += 1)
    enter({ reference: '999-huge', amountMinor: 999_999_999_999_999_999n });
  const { totals } = await reconcile();
  expect(totals).toMatchObject([{ currency: 'USD', theirsMinor: 12n * 999_999_999_999_999_999n }]);
});

test('two empty books agree', async () => {
  expect(await reconcile()).toMatchObject({ status: 'clean', totals: [] });
});

test('every kind of difference is found, recorded once, and explained by the totals', async () => {
  const missingThere = await ended('withdraw');
  const otherAmount = await ended('deposit');
  const otherStatus = await ended('deposit', 'refused');
  const declinedThere = await ended('deposit');
  const twice = await ended('deposit');
  enter({ reference: '12345-missing' });
  enter({ reference: 'not one of ours' });
  enter({ ...otherAmount, amountMinor: 15_000n });
  enter(otherStatus);
  enter({ ...declinedThere, status: 'declined' });
  enter(twice);
  enter({ ...twice, gatewayReference: 'gw-again' });

  const result = await reconcile();
  expect(result.status).toBe('differences');
  expect(result.counts).toEqual({
    matched: 0,
    inTransit: 0,
    differences: {
      missing_here: { found: 2, open: 2 },
      missing_there: { found: 1, open: 1 },
      amount_mismatch: { found: 1, open: 1 },
      status_contradiction: { found: 2, open: 2 },
      duplicate: { found: 1, open: 1 },
    },
  });
  const [total] = result.totals;
  expect(total?.theirsMinor).toBe(netOfBook());
  expect(total?.theirsMinor).toBe(
    (total?.oursMinor ?? 0n) + (total?.inTransitMinor ?? 0n) + (total?.differencesMinor ?? 0n),
  );
  expect((await differences()).map(({ kind, reference }) => [kind, reference])).toContainEqual([
    'missing_there',
    missingThere.reference,
  ]);
  const before = await differences();
  await reconcile();
  expect(await differences()).toEqual(before);
});

test('a payment that is open, or that ended after the cut-off, is in transit', async () => {
  const openId = await world.accept(userId, { type: 'deposit', amountMinor: 20_000n });
  enter({ reference: await referenceOf(openId) });
  await ended('deposit');
  enter(await ended('withdraw'));
  const late = await reconcile({ graceMs: 3_600_000 });
  expect(late).toMatchObject({ status: 'clean', counts: { matched: 0, inTransit: 3, differences: {} } });
  expect(late.totals).toMatchObject([{ oursMinor: 0n, differencesMinor: 0n, inTransitMinor: netOfBook() }]);
});

test('a book that cannot be read ends the report as failed, and no difference is recorded', async () => {
  await ended('deposit');
  const broken: GatewayBook = {
    async *read() {
      yield* lines;
      throw new Error('the line is cut');
    },
    close() {},
  };
  enter({});
  await expect(reconcile({ book: broken })).rejects.toThrow('the line is cut');
  expect(await differences()).toEqual([]);
  expect(await findReport(database.knex, 1n)).toMatchObject({ status: 'failed', error: 'the line is cut' });
  expect(await world.count('reconciliation_book_lines')).toBe(0);
});

test.each([
  ['no reason to call everything missing', true],
  ['not taken for one without differences, where nothing of ours is due', false],
])('a loaded book that is lost in a crash of the server is %s', async (_what, hasPayment) => {
  if (hasPayment) await ended('deposit');
  const losing: GatewayBook = {
    async *read() {
      enter({});
      yield* lines;
    },
    close() {},
  };
  // An unlogged table is empty after a crash.
  await database.pool.query(`
    create function lose() returns trigger language plpgsql as $$
    begin delete from reconciliation_book_lines; return null; end $$;
    create trigger lose after insert on reconciliation_book_lines for each statement execute function lose()`);
  await expect(reconcile({ book: losing })).rejects.toThrow('the loaded book was lost');
  expect(await differences()).toEqual([]);
});

describe('after each difference was posted to suspense', () => {
  test('the clearing account agrees with the book, and suspense has what is not explained', async () => {
    await ended('withdraw');
    const otherAmount = await ended('deposit');
    const otherStatus = await ended('deposit', 'refused');
    const declinedThere = await ended('deposit');
    const twice = await ended('deposit');
    enter({ reference: '12345-missing' });
    enter({ ...otherAmount, amountMinor: 15_000n });
    enter(otherStatus);
    enter({ ...declinedThere, status: 'declined' });
    enter(twice);
    enter({ ...twice, gatewayReference: 'gw-again' });
    await reconcile();
    expect(await clearing()).not.toBe(-netOfBook());
    const wallet = await world.wallet(userId);

    for (const { id } of await differences()) {
      expect(await postToSuspense(database.pool, { id, by: 'ana', reason: 'asked them' })).toMatchObject({
        kind: 'posted',
      });
    }
    expect(await clearing()).toBe(-netOfBook());
    // missing there -(-200), another 50 less, 200 that we failed, -200 they declined, 200 twice, 200 missing here
    expect(await suspense()).toBe(20_000n - 5000n + 20_000n - 20_000n + 20_000n + 20_000n);
    expect(await world.wallet(userId)).toEqual(wallet);
    expect(await world.violations()).toEqual([]);
    expect(await reconcile()).toMatchObject({
      status: 'clean',
      counts: { differences: { missing_here: { found: 1, open: 0 } } },
    });
  });

  test('a deposit that is missing here takes it from clearing', async () => {
    enter({ reference: '12345-missing' });
    await reconcile();
    const [missing] = await differences();
    const id = missing?.id as bigint;
    await postToSuspense(database.pool, { id, by: 'ana', reason: 'r' });
    expect(await clearing()).toBe(-20_000n);
    expect(await suspense()).toBe(20_000n);
  });

  test('it is done once, whoever tries, even if two differences are about the same payment', async () => {
    enter({ reference: '12345-missing' });
    await reconcile();
    await database.pool.query(
      `insert into reconciliation_differences (reference, kind, source, theirs, dedupe_key)
       values ('12345-missing', 'unknown_payment', 'callback', '{"status":"succeeded","type":"deposit","amount":"200","currency":"USD"}', 'x')`,
    );
    const ids = (await differences()).map(({ id }) => id);
    const outcomes = await Promise.all(
      [...ids, ...ids].map((id) => postToSuspense(database.pool, { id, by: 'ana', reason: 'r' })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'posted')).toHaveLength(1);
    expect(await suspense()).toBe(20_000n);
  });

  test('nothing is posted for a payment that is still open', async () => {
    const paymentId = await world.accept(userId, { type: 'deposit', amountMinor: 20_000n });
    await database.pool.query(
      `insert into reconciliation_differences (payment_id, reference, kind, source, theirs, dedupe_key)
       values ($1, 'r', 'amount_mismatch', 'callback', '{"status":"succeeded","amount":"150","currency":"USD"}', 'x')`,
      [paymentId],
    );
    const [difference] = await differences();
    const id = difference?.id as bigint;
    expect(await postToSuspense(database.pool, { id, by: 'ana', reason: 'r' })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('still open'),
    });
    expect(await suspense()).toBe(0n);
    expect(await postToSuspense(database.pool, { id: 99n, by: 'ana', reason: 'r' })).toEqual({
      kind: 'not_found',
    });
  });
});

describe('a reference under which a redrive made another payment', () => {
  /** A withdrawal that failed for want of attempts, and the payment that a redrive made from it, still open. */
  async function redriven() {
    const first = await ended('withdraw', 'notExecuted');
    const { rows } = await database.pool.query('select id from payment_dlq where payment_id = $1', [
      first.paymentId,
    ]);
    const outcome = await redriveDeadLetter(database.pool, { id: rows[0].id, by: 'ana', reason: null });
    if (outcome.kind !== 'redriven') throw new Error(outcome.kind);
    expect(await referenceOf(outcome.paymentId)).toBe(first.reference);
    return { first, secondId: outcome.paymentId };
  }
  async function carryOut(answer: keyof typeof answers): Promise<void> {
    const { gateway, answerSends } = createScriptedGateway();
    answerSends(() => answers[answer]);
    const worker = world.worker(gateway);
    worker.start();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
  }

  test('is one execution there and one success here', async () => {
    const { first } = await redriven();
    await carryOut('succeeded');
    enter({ reference: first.reference, type: 'withdraw' });
    expect(await reconcile()).toMatchObject({
      status: 'clean',
      counts: { matched: 1, inTransit: 0 },
      totals: [{ oursMinor: -20_000n, theirsMinor: -20_000n, differencesMinor: 0n }],
    });
    expect(await differences()).toEqual([]);
  });

  test('is a contradiction when all of its payments failed', async () => {
    const { first, secondId } = await redriven();
    await carryOut('refused');
    enter({ reference: first.reference, type: 'withdraw' });
    expect(await reconcile()).toMatchObject({ status: 'differences' });
    const { rows } = await database.pool.query('select kind, payment_id from reconciliation_differences');
    expect(rows).toEqual([{ kind: 'status_contradiction', payment_id: secondId }]);
  });

  test('is in transit while the newest is open, and the line in the book keeps it from being sent or failed', async () => {
    const { first, secondId } = await redriven();
    enter({ reference: first.reference, type: 'withdraw' });
    expect(await reconcile()).toMatchObject({ status: 'clean', counts: { inTransit: 1 } });
    expect(await world.count('reconciliation_book_lines')).toBe(0);
    await carryOut('refused');
    expect(await world.payment(secondId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
    const { rows } = await database.pool.query(
      `select attempt.error_class, letter.reason
       from payment_attempts as attempt
       join payment_dlq as letter on letter.payment_id = attempt.payment_id and letter.action is null
       where attempt.payment_id = $1`,
      [secondId],
    );
    expect(rows).toEqual([{ error_class: 'withheld', reason: 'outcome_unknown' }]);
  });

  test('is found by it with all of its payments, newest first', async () => {
    const { first, secondId } = await redriven();
    const trace = { kind: 'reference', paymentId: first.paymentId, reference: first.reference } as const;
    const { items } = await searchPaymentIds(database.knex, { trace, limit: 50 });
    expect(items).toEqual([secondId, first.paymentId]);
  });
});

/** A report that ended without taking its lines away, as a process that was killed leaves it. */
async function leftBehind(
  status: 'running' | 'failed',
  lineCount: number,
  heardOf = 'now()',
): Promise<bigint> {
  const { rows } = await database.pool.query(
    `insert into reconciliation_reports (started_by, cut_off_at, status, finished_at, heartbeat_at)
     values ('schedule', now(), $1, case when $1 = 'failed' then now() end, ${heardOf}) returning id`,
    [status],
  );
  await database.pool.query(
    `insert into reconciliation_book_lines (report_id, line, reference, type, amount, currency, status, executed_at)
     select $1, n, 'left-' || n, 'deposit', 1, 'USD', 'succeeded', now() from generate_series(1, $2) as n`,
    [rows[0].id, lineCount],
  );
  return rows[0].id;
}

/** Makes a statement that deletes more than \`most\` lines take longer than it may. */
async function slowDeletes(most: number): Promise<void> {
  await database.pool.query(`
    create function dawdle() returns trigger language plpgsql as $$
    begin
      if (select count(*) from gone) > ${most} then perform pg_sleep(30); end if;
      return null;
    end $$;
    create trigger dawdle after delete on reconciliation_book_lines
      referencing old table as gone for each statement execute function dawdle()`);
}

test('many leftover lines are deleted in slices that fit into the statement timeout', async () => {
  await leftBehind('failed', 3000);
  await slowDeletes(700);
  const pool = createPool(
    database.databaseUrl,
    testConfig({ DATABASE_STATEMENT_TIMEOUT_SECONDS: '1' }),
    'test',
    () => {},
  );
  try {
    await reconcile({ pool });
  } finally {
    await pool.end();
  }
  expect(await world.count('reconciliation_book_lines')).toBe(0);
});

test('a clean-up that fails is mentioned in the report, and stops neither this comparison nor the next', async () => {
  await leftBehind('failed', 10);
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no deletes today'; end $$;
    create trigger refuse before delete on reconciliation_book_lines for each statement execute function refuse()`);
  enter({ reference: '12345-missing' });
  const troubles: unknown[] = [];
  for (let run = 0; run < 2; run += 1) {
    const result = await reconcile({ onCleanUpFailed: (error) => troubles.push(error) });
    expect(result.status).toBe('differences');
    expect(await findReport(database.knex, result.reportId)).toMatchObject({
      status: 'differences',
      error: expect.stringMatching(/could not be cleaned up: no deletes today/),
    });
  }
  expect(troubles).toHaveLength(2);

  await database.pool.query('drop trigger refuse on reconciliation_book_lines');
  const result = await reconcile();
  expect(await findReport(database.knex, result.reportId)).toMatchObject({ error: null });
  expect(await world.count('reconciliation_book_lines')).toBe(0);
});

test('a report whose process is silent is lost; one whose process is alive is left alone, with its lines', async () => {
  const lostId = await leftBehind('running', 5, "now() - interval '10 minutes'");
  const livingId = await leftBehind('running', 5);
  await reconcile();
  expect(await findReport(database.knex, lostId)).toMatchObject({
    status: 'failed',
    error: 'its process was lost',
  });
  expect(await findReport(database.knex, livingId)).toMatchObject({ status: 'running' });
  const { rows } = await database.pool.query('select distinct report_id from reconciliation_book_lines');
  expect(rows).toEqual([{ report_id: livingId }]);
});

test('a report that was declared lost while it compared ends with an error, and calls nothing missing', async () => {
  await ended('deposit');
  const stolen: GatewayBook = {
    async *read() {
      yield* lines;
      await database.pool.query(
        `update reconciliation_reports set status = 'failed', finished_at = now(), error = 'its process was lost'`,
      );
    },
    close() {},
  };
  enter({ reference: await referenceOf(1n) });
  await expect(reconcile({ book: stolen })).rejects.toThrow(/another process ended/);
});

test('a report that another process has ended aborts a reading in progress', async () => {
  enter({});
  let wasBrokenOff = false;
  const endless: GatewayBook = {
    async *read(signal) {
      yield* lines;
      await database.pool.query(
        `update reconciliation_reports set status = 'failed', finished_at = now(), error = 'its process was lost'`,
      );
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      wasBrokenOff = true;
      signal?.throwIfAborted();
    },
    close() {},
  };
  await expect(reconcile({ book: endless, leaseMs: 600 })).rejects.toThrow(/another process ended/);
  expect(wasBrokenOff).toBe(true);
  expect(await differences()).toEqual([]);
});

test('a report may take longer than its process may be silent, because its process is alive', async () => {
  const slow: GatewayBook = {
    async *read() {
      yield* lines;
      await new Promise((resolve) => setTimeout(resolve, 6000));
    },
    close() {},
  };
  expect(await reconcile({ book: slow, leaseMs: 4000 })).toMatchObject({ status: 'clean' });
});
