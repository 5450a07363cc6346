import { eventAbout, receive } from '../../../test/builders/callbacks.ts';
import { claimPayments } from '../../../test/builders/claim-payments.ts';
import { createPaymentWorld, type PaymentWorld, STEADY_CLOCK } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLettersOfPayment } from '../../dead-letters/read-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import { type AttemptResult, decideAfterAttempt, reportOf } from '../attempt/decide-after-attempt.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { recordLateResults } from '../conclude/record-late-results.ts';
import { type FinishedRun, settlePayments } from '../conclude/settle-payments.ts';
import { askAboutUnknown } from '../unknown/ask-about-unknown.ts';
import { resolvePayment } from '../unknown/resolve-payment.ts';

/*
 * Each schedule holds one of two transactions in its middle by a lock of a third, lets the other one run into it, and lets go.
 * In the end a payment that failed never has evidence of success that nobody was told of.
 */

let database: TestDatabase;
let world: PaymentWorld;
let scripted: ReturnType<typeof createScriptedGateway>;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
beforeEach(() => {
  scripted = createScriptedGateway();
});
afterEach(async () => {
  await database.pool.query('delete from payment_inquiries');
  expect(await world.violations()).toEqual([]);
});
afterAll(() => database.close());

const POLICY = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 0 };

/** Runs `first` into a lock on these rows, then `second` into `first`, and lets both go on. */
async function interleave<First, Second>(
  { lock, values }: { readonly lock: string; readonly values: readonly unknown[] },
  first: () => Promise<First>,
  second: () => Promise<Second>,
): Promise<[First, Second]> {
  const blocker = await database.pool.connect();
  try {
    await blocker.query('begin');
    await blocker.query(lock, [...values]);
    const firstEnd = first();
    await waitForBlocked(1);
    const secondEnd = second();
    const hasMet = await waitForBlocked(2).then(
      () => true,
      () => false,
    );
    await blocker.query('rollback');
    const ends = Promise.all([firstEnd, secondEnd]);
    if (hasMet) return await ends;
    await ends.catch(() => {});
    throw new Missed('the second did not run into the first');
  } finally {
    blocker.release();
  }
}

class Missed extends Error {}

/**
 * A redrive gives up its place after half a second, and on a busy machine the second one may come too late to meet it. Then it is
 * all done anew, with another payment.
 */
async function untilTheyMeet(schedule: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await schedule();
      return;
    } catch (error) {
      if (!(error instanceof Missed) || tries === 20) throw error;
    }
  }
}

async function waitForBlocked(count: number): Promise<void> {
  await waitUntil(
    'statements that wait for a lock',
    async () => {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0].count === count;
    },
    { deadlineMs: 5000, pauseMs: 2 },
  );
}

/** Whoever fails a withdrawal reads the evidence, and then waits for the wallet. */
const walletOf = (userId: bigint) => ({
  lock: 'select from accounts where user_id = $1 for update',
  values: [userId],
});
/** Whoever keeps a late answer has locked the payment, and then waits for the attempt's row. */
const attemptsOf = (paymentId: bigint) => ({
  lock: 'select from payment_attempts where payment_id = $1 for update',
  values: [paymentId],
});

/** A withdrawal with a lost run, whose answer may come late, and a run that is under way. */
async function makeTwoRuns() {
  const userId = await world.user();
  const paymentId = await world.accept(userId);
  const lost = await claimOne(paymentId);
  await database.pool.query(
    `update payment_tasks set state = 'ready', locked_by = null, lease_expires_at = null where payment_id = $1`,
    [paymentId],
  );
  await database.pool.query(
    `update payment_attempts set finished_at = now(), outcome = 'abandoned' where payment_id = $1`,
    [paymentId],
  );
  const current = await claimOne(paymentId);
  return { userId, paymentId, lost, current };
}
async function claimOne(paymentId: bigint): Promise<ClaimedPayment> {
  const claimed = await claimPayments(database.pool, { worker: 'w', limit: 100, leaseMs: 60_000 });
  return claimed.find((payment) => payment.paymentId === paymentId)!;
}
function finish(payment: ClaimedPayment, result: Partial<AttemptResult>): FinishedRun {
  const whole = { inquiry: null, pay: null, latencyMs: 1, ...result };
  const decision = decideAfterAttempt(payment, whole, {
    policy: POLICY,
    steadyForMs: Number.POSITIVE_INFINITY,
    random: 0,
  });
  return { payment, report: reportOf(whole), decision };
}
const fail = (run: ClaimedPayment) => settlePayments(database.pool, [finish(run, { pay: answers.refused })]);
const succeedLate = (run: ClaimedPayment) =>
  recordLateResults(database.pool, [finish(run, { pay: answers.succeeded })]);

/** The same, with the second run at its end without an answer. */
async function makeUnknown() {
  const made = await makeTwoRuns();
  await settlePayments(database.pool, [finish(made.current, { pay: answers.unknown })]);
  expect(await world.payment(made.paymentId)).toMatchObject({ status: 'unknown' });
  return made;
}

async function differenceKindsOf(paymentId: bigint): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select kind || ' ' || (theirs ->> 'status') as said from reconciliation_differences where payment_id = $1 order by id`,
    [paymentId],
  );
  return rows.map(({ said }) => said);
}
const statusOf = async (paymentId: bigint) => (await world.payment(paymentId)).status;
const letterIdOf = async (paymentId: bigint) =>
  (await listDeadLettersOfPayment(database.knex, paymentId)).at(-1)!.id;

describe('a payment that fails in the queue, and a late success of an earlier run', () => {
  test('which comes after the evidence was read: the difference is recorded', async () => {
    const { userId, paymentId, lost, current } = await makeTwoRuns();
    const [settled, late] = await interleave(
      walletOf(userId),
      () => fail(current),
      () => succeedLate(lost),
    );
    expect(settled).toEqual(['failed']);
    expect(late).toMatchObject([{ kind: 'status_contradiction', theirs: { status: 'succeeded' } }]);
    expect(
      await redriveDeadLetter(database.pool, { id: await letterIdOf(paymentId), by: 'ana', reason: null }),
    ).toMatchObject({ kind: 'evidence' });
  });

  test('which is being written: the payment becomes unknown instead', async () => {
    const { paymentId, lost, current } = await makeTwoRuns();
    const [late, settled] = await interleave(
      attemptsOf(paymentId),
      () => succeedLate(lost),
      () => fail(current),
    );
    expect([late, settled]).toEqual([[], ['unknown']]);
    expect(await differenceKindsOf(paymentId)).toEqual(['status_contradiction refused']);
  });
});

describe('a payment that an inquiry fails, and a late success', () => {
  const inquire = async () => {
    await database.pool.query('update payment_inquiries set next_ask_at = now()');
    scripted.answerInquiries(() => ({
      kind: 'refused',
      errorClass: 'refused',
      message: 'no',
      httpStatus: 200,
    }));
    return await askAboutUnknown({
      pool: database.pool,
      gateway: scripted.gateway,
      clock: STEADY_CLOCK,
      notFoundGraceMs: 0,
      claimMs: 60_000,
      limit: 10,
    });
  };

  test('which comes after the evidence was read: the difference is recorded', async () => {
    const { userId, paymentId, lost } = await makeUnknown();
    await interleave(walletOf(userId), inquire, () => succeedLate(lost));
    expect(await statusOf(paymentId)).toBe('failed');
    expect(await differenceKindsOf(paymentId)).toEqual(['status_contradiction succeeded']);
  });

  test('which is being written: the payment stays unknown', async () => {
    const { paymentId, lost } = await makeUnknown();
    await interleave(attemptsOf(paymentId), () => succeedLate(lost), inquire);
    expect(await statusOf(paymentId)).toBe('unknown');
    expect(await differenceKindsOf(paymentId)).toEqual(['status_contradiction refused']);
  });
});

describe('a payment that a person resolves as not executed, and a late success', () => {
  const resolve = (paymentId: bigint) =>
    resolvePayment(database.pool, {
      paymentId,
      outcome: 'not_executed',
      by: 'ana',
      reason: 'they told me',
      evidence: 'ticket 7',
      gatewayReference: null,
    });

  test('which comes after the evidence was read: the difference is recorded', async () => {
    const { userId, paymentId, lost } = await makeUnknown();
    await interleave(
      walletOf(userId),
      () => resolve(paymentId),
      () => succeedLate(lost),
    );
    expect(await statusOf(paymentId)).toBe('failed');
    expect(await differenceKindsOf(paymentId)).toEqual(['status_contradiction succeeded']);
  });

  test('which is being written: the person is told of it', async () => {
    const { paymentId, lost } = await makeUnknown();
    const [, resolved] = await interleave(
      attemptsOf(paymentId),
      () => succeedLate(lost),
      () => resolve(paymentId),
    );
    expect(resolved).toMatchObject({ kind: 'evidence', evidence: [{ source: 'attempt' }] });
    expect(await statusOf(paymentId)).toBe('unknown');
  });
});

describe('a payment that a callback refuses, and a late success', () => {
  test.each(['in the queue', 'unknown'])(
    'that is being written while it is %s: it stays open',
    async (where) => {
      const { paymentId, lost } = where === 'unknown' ? await makeUnknown() : await makeTwoRuns();
      const event = await eventAbout(database.pool, paymentId, { status: 'refused' });
      const [, processed] = await interleave(
        attemptsOf(paymentId),
        () => succeedLate(lost),
        () => receive(database.pool, event),
      );
      expect(processed).toMatchObject({ result: 'exception' });
      expect(['processing', 'unknown']).toContain(await statusOf(paymentId));
      await receive(database.pool, await eventAbout(database.pool, paymentId));
      expect(await statusOf(paymentId)).toBe('success');
    },
  );

  test('that comes after the evidence was read: the difference is recorded', async () => {
    const { userId, paymentId, lost } = await makeUnknown();
    const event = await eventAbout(database.pool, paymentId, { status: 'refused' });
    await interleave(
      walletOf(userId),
      () => receive(database.pool, event),
      () => succeedLate(lost),
    );
    expect(await statusOf(paymentId)).toBe('failed');
    expect(await differenceKindsOf(paymentId)).toEqual(['status_contradiction succeeded']);
  });
});

describe('a payment that is redriven', () => {
  async function makeFailed() {
    const made = await makeUnknown();
    await database.pool.query('update payment_inquiries set next_ask_at = now()');
    scripted.answerInquiries(() => ({ kind: 'not_found' }));
    for (let asked = 0; asked < 2; asked += 1) {
      await database.pool.query('update payment_inquiries set next_ask_at = now()');
      await askAboutUnknown({
        pool: database.pool,
        gateway: scripted.gateway,
        clock: STEADY_CLOCK,
        notFoundGraceMs: 0,
        claimMs: 60_000,
        limit: 10,
      });
    }
    expect(await statusOf(made.paymentId)).toBe('failed');
    return { ...made, letterId: await letterIdOf(made.paymentId) };
  }
  const redrive = (id: bigint) => redriveDeadLetter(database.pool, { id, by: 'ana', reason: null });

  test('while a callback says that it succeeded: the callback ends the new payment', () =>
    untilTheyMeet(async () => {
      const { userId, paymentId, letterId } = await makeFailed();
      const event = await eventAbout(database.pool, paymentId);
      const [redriven, processed] = await interleave(
        walletOf(userId),
        () => redrive(letterId),
        () => receive(database.pool, event),
      );
      if (redriven.kind !== 'redriven') throw new Missed(redriven.kind);
      expect(processed).toMatchObject({ result: 'concluded', paymentId: redriven.paymentId });
      expect(await statusOf(redriven.paymentId)).toBe('success');
      expect(await differenceKindsOf(paymentId)).toEqual([]);
    }));

  test('while a late success is written: it is refused', () =>
    untilTheyMeet(async () => {
      const { paymentId, lost, letterId } = await makeFailed();
      const [, redriven] = await interleave(
        attemptsOf(paymentId),
        () => succeedLate(lost),
        () => redrive(letterId),
      );
      expect(redriven).toMatchObject({ kind: 'evidence' });
      expect(await differenceKindsOf(paymentId)).toEqual(['status_contradiction succeeded']);
    }));

  test('just before a late success: the new payment cannot fail by itself any more', () =>
    untilTheyMeet(async () => {
      const { userId, paymentId, lost, letterId } = await makeFailed();
      const [redriven] = await interleave(
        walletOf(userId),
        () => redrive(letterId),
        () => succeedLate(lost),
      );
      if (redriven.kind !== 'redriven') throw new Missed(redriven.kind);
      const run = await claimOne(redriven.paymentId);
      expect(run.task.unknownForMs).not.toBeNull();
      const refusing = finish(
        { ...run, task: { ...run.task, notFoundForMs: 1000, notFoundCount: 1 } },
        { inquiry: { kind: 'not_found' }, pay: answers.refused },
      );
      expect(refusing.decision).toMatchObject({ kind: 'failed' });
      expect(await settlePayments(database.pool, [refusing])).toEqual(['unknown']);
      expect(await statusOf(paymentId)).toBe('failed');
      expect(await differenceKindsOf(redriven.paymentId)).toEqual(['status_contradiction refused']);
    }));
});
