import { claimPayments } from '../../../test/builders/claim-payments.ts';
import { createPaymentWorld, type PaymentWorld } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLetters } from '../../dead-letters/list-dead-letters.sql.ts';
import { type NamedFacts, NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import { readSystemBalance } from '../../ledger/read-balance.sql.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import type { AttemptDecision } from '../attempt/decide-after-attempt.ts';
import { decideAfterAttempt, reportOf } from '../attempt/decide-after-attempt.ts';
import { rescuePayments } from '../attempt/rescue-payments.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { listAttempts } from '../read/read-payments.sql.ts';
import { recordLateResults } from './record-late-results.ts';
import { type FinishedRun, settlePayments } from './settle-payments.ts';

let database: TestDatabase;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(async () => expect(await world.violations()).toEqual([]));
afterAll(() => database.close());

async function claim(limit = 100, leaseMs = 30_000): Promise<ClaimedPayment[]> {
  return await claimPayments(database.pool, { worker: 'w1', limit, leaseMs });
}
const policy = { maxAttempts: 3, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 1 };
const succeeded: AttemptDecision = { kind: 'succeeded', gatewayReference: 'gw-1' };
const retryNow: AttemptDecision = {
  kind: 'retry',
  usesAttempt: true,
  delayMs: 0,
  unknown: 'started_now',
  notFoundCount: 0,
  hasCounted: false,
  turnedAwayCount: 0,
  error: 'timeout',
};
const finished = (payment: ClaimedPayment, decision: AttemptDecision): FinishedRun => ({
  payment,
  decision,
  report: reportOf({
    inquiry: null,
    pay:
      decision.kind === 'succeeded'
        ? answers.succeeded
        : decision.kind === 'failed'
          ? answers.refused
          : answers.unknown,
    latencyMs: 5,
  }),
});
async function claimAndSettle(decision: AttemptDecision) {
  const runs = (await claim()).map((payment) => finished(payment, decision));
  return await settlePayments(database.pool, runs);
}

describe('a settled payment', () => {
  test('adds a deposit less its fee to the wallet', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId, { type: 'deposit', amountMinor: 20_000n });
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, pendingInMinor: 19_600n });

    expect(await claimAndSettle(succeeded)).toEqual(['succeeded']);

    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 119_600n, pendingInMinor: 0n });
    expect(await world.payment(paymentId)).toMatchObject({
      status: 'success',
      transactionStatus: 'posted',
      attempts: 1,
      gatewayReference: 'gw-1',
    });
  });

  test('takes a withdrawal with its fee from the wallet, which held both since acceptance', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 5100n });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'processing', transactionStatus: 'held' });

    await claimAndSettle(succeeded);

    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
  });

  test('moves the clearing and fee accounts by what the gateway and we earned', async () => {
    const before = await Promise.all([systemBalance('gateway'), systemBalance('fee')]);
    const userId = await world.user(100_000n);
    await world.accept(userId, { type: 'deposit', amountMinor: 20_000n });
    await world.accept(userId);
    await claimAndSettle(succeeded);
    const after = await Promise.all([systemBalance('gateway'), systemBalance('fee')]);
    expect([after[0] - before[0], after[1] - before[1]]).toEqual([-15_000n, 500n]);
  });
});

function systemBalance(kind: 'gateway' | 'fee'): Promise<bigint> {
  return readSystemBalance(database.knex, { kind, currency: 'USD' });
}

describe('a payment that fails', () => {
  test('releases the hold and leaves a dead letter', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    expect(await claimAndSettle({ kind: 'failed', reason: 'refused', error: 'declined' })).toEqual([
      'failed',
    ]);
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
    expect(await world.payment(paymentId)).toMatchObject({
      status: 'failed',
      transactionStatus: 'voided',
      lastError: 'declined',
    });
    const [letter] = (await listDeadLetters(database.knex, { state: 'all', limit: 1 })).items;
    expect(letter).toMatchObject({ paymentId, reason: 'refused', attempts: 1, action: null });
  });

  test('keeps its hold while the outcome is unknown', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    expect(await claimAndSettle({ kind: 'unknown', error: 'timeout' })).toEqual(['unknown']);
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 5100n });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
    const [letter] = (await listDeadLetters(database.knex, { state: 'all', limit: 1 })).items;
    expect(letter).toMatchObject({ paymentId, reason: 'outcome_unknown' });
  });
});

describe('the fence', () => {
  test('drops a second settlement of the same run', async () => {
    const userId = await world.user(100_000n);
    await world.accept(userId);
    const [payment] = await claim();
    const run = finished(payment as ClaimedPayment, succeeded);
    expect(await settlePayments(database.pool, [run])).toEqual(['succeeded']);
    expect(await settlePayments(database.pool, [run])).toEqual(['stale']);
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n });
  });

  test('drops the result of a worker whose lease was taken over, and takes that of the new one', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    const [slow] = await claim(1, 1);
    await waitForLease();
    expect(await rescuePayments(database.pool, { maxRescues: 5 })).toMatchObject({
      rescuedPaymentIds: [paymentId],
    });
    const [next] = await claim();

    expect(next?.task.unknownForMs).not.toBeNull();
    expect(
      await settlePayments(database.pool, [
        finished(slow as ClaimedPayment, { kind: 'failed', reason: 'refused', error: 'no' }),
      ]),
    ).toEqual(['stale']);
    expect(await settlePayments(database.pool, [finished(next as ClaimedPayment, succeeded)])).toEqual([
      'succeeded',
    ]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', attempts: 1 });
  });

  test('lets one of two racing settlements of the same run through', async () => {
    const userId = await world.user(100_000n);
    await world.accept(userId);
    const [payment] = await claim();
    const run = finished(payment as ClaimedPayment, succeeded);
    const results = await Promise.all([
      settlePayments(database.pool, [run]),
      settlePayments(database.pool, [run]),
    ]);
    expect(results.flat().sort()).toEqual(['stale', 'succeeded']);
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
  });

  test('settles the runs of a batch that still hold their lease, and only those', async () => {
    const userId = await world.user(100_000n);
    const ids = [await world.accept(userId), await world.accept(userId)];
    const runs = (await claim()).map((payment) => finished(payment, succeeded));
    const stale = {
      ...runs[0],
      payment: { ...runs[0]?.payment, task: { ...runs[0]?.payment.task, runLease: 99n } },
    } as FinishedRun;
    expect((await settlePayments(database.pool, [stale, runs[1] as FinishedRun])).sort()).toEqual([
      'stale',
      'succeeded',
    ]);
    const statuses = await Promise.all(ids.map(async (id) => (await world.payment(id)).status));
    expect(statuses.sort()).toEqual(['processing', 'success']);
    await settlePayments(database.pool, [runs[0] as FinishedRun]);
  });

  test('tells two runs of one payment apart when both results wait for the same batch', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId, { type: 'deposit', amountMinor: 20_000n });
    const [slow] = await claim(1, 1);
    await waitForLease();
    await rescuePayments(database.pool, { maxRescues: 5 });
    const [next] = await claim();

    const results = await settlePayments(database.pool, [
      finished(next as ClaimedPayment, succeeded),
      finished(slow as ClaimedPayment, { kind: 'failed', reason: 'refused', error: 'no' }),
    ]);

    expect(results).toEqual(['succeeded', 'stale']);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', transactionStatus: 'posted' });
    expect(await listAttempts(database.knex, paymentId)).toMatchObject([
      { outcome: 'abandoned' },
      { outcome: 'succeeded' },
    ]);
    const { items: letters } = await listDeadLetters(database.knex, { state: 'all', limit: 50 });
    expect(letters.filter((letter) => letter.paymentId === paymentId)).toEqual([]);
  });
});

test('a payment that has ended is never settled again, even if its task reappears', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await world.accept(userId);
  const [payment] = await claim();
  await settlePayments(database.pool, [
    finished(payment as ClaimedPayment, { kind: 'failed', reason: 'refused', error: 'declined' }),
  ]);
  await database.pool.query('insert into payment_tasks (payment_id, user_id, run_lease) values ($1, $2, 5)', [
    paymentId,
    userId,
  ]);
  const [again] = await claim();

  await expect(settlePayments(database.pool, [finished(again as ClaimedPayment, succeeded)])).rejects.toThrow(
    `payment ${paymentId} was already concluded`,
  );

  expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', transactionStatus: 'voided' });
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
  await database.pool.query('delete from payment_tasks where payment_id = $1', [paymentId]);
});

describe('a retry', () => {
  test('keeps the attempt and its error for readers, and the next claim knows what may have executed', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    expect(await claimAndSettle(retryNow)).toEqual(['retry']);
    expect(await world.payment(paymentId)).toMatchObject({
      status: 'processing',
      attempts: 1,
      lastError: 'timeout',
    });
    const [again] = await claim();
    expect(again?.task).toMatchObject({ attempts: 1 });
    expect(again?.task.unknownForMs).toBeGreaterThanOrEqual(0);
    await settlePayments(database.pool, [finished(again as ClaimedPayment, succeeded)]);
    const attempts = await listAttempts(database.knex, paymentId);
    expect(attempts).toMatchObject([
      { attempt: 1, outcome: 'unknown', errorClass: 'timeout' },
      { attempt: 2, outcome: 'succeeded' },
    ]);
  });

  test('is not claimed before its time', async () => {
    const userId = await world.user(100_000n);
    await world.accept(userId);
    await claimAndSettle({ ...retryNow, delayMs: 60_000 });
    expect(await claim()).toEqual([]);
    await database.pool.query('update payment_tasks set run_at = now()');
    await claimAndSettle(succeeded);
  });
});

describe('a lost worker', () => {
  test('uses up no attempt, and its run is shown as abandoned', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    await claim(1, 1);
    await waitForLease();
    await rescuePayments(database.pool, { maxRescues: 5 });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'processing', attempts: 0 });
    expect(await listAttempts(database.knex, paymentId)).toMatchObject([
      { outcome: 'abandoned', errorClass: 'lease_expired' },
    ]);
    await claimAndSettle(succeeded);
  });

  test('too often makes the payment poison: its outcome is unknown, its hold stays, and it does not fail', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    for (let crash = 0; crash <= 2; crash += 1) {
      await claim(1, 1);
      await waitForLease();
      await rescuePayments(database.pool, { maxRescues: 2 });
    }
    expect(await claim()).toEqual([]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
    expect(await world.wallet(userId)).toMatchObject({ heldMinor: 5100n });
    const [letter] = (await listDeadLetters(database.knex, { state: 'all', limit: 1 })).items;
    expect(letter).toMatchObject({ paymentId, reason: 'poison' });
  });
});

test('two claims at once never take the same task', async () => {
  const userId = await world.user(1_000_000n);
  for (let made = 0; made < 40; made += 1) await world.accept(userId);
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim(10)));
  const ids = claims.flat().map((payment) => payment.paymentId);
  expect(ids).toHaveLength(40);
  expect(new Set(ids).size).toBe(40);
  await settlePayments(
    database.pool,
    claims.flat().map((payment) => finished(payment, succeeded)),
  );
});

test('two workers that race carry each payment out once', async () => {
  const users = await Promise.all(Array.from({ length: 10 }, () => world.user(1_000_000n)));
  const ids: bigint[] = [];
  for (let made = 0; made < 200; made += 1) {
    const type = made % 2 === 0 ? 'deposit' : 'withdraw';
    ids.push(await world.accept(users[made % users.length] as bigint, { type, amountMinor: 1000n }));
  }
  const scripted = createScriptedGateway();
  const executed = new Map<string, number>();
  scripted.answerSends((instruction, sendNumber) => {
    if (sendNumber === 1 && instruction.paymentId % 5n === 0n) return answers.unknown;
    executed.set(instruction.reference, (executed.get(instruction.reference) ?? 0) + 1);
    return answers.succeeded;
  });
  const workers = [world.worker(scripted.gateway), world.worker(scripted.gateway)];
  for (const worker of workers) worker.start();
  await waitForEmptyQueue();
  await Promise.all(workers.map((worker) => worker.stop(5000)));

  expect(executed.size).toBe(200);
  expect([...executed.values()].every((count) => count === 1)).toBe(true);
  const statuses = await Promise.all(ids.map(async (id) => (await world.payment(id)).status));
  expect(new Set(statuses)).toEqual(new Set(['success']));
});

async function waitForEmptyQueue(): Promise<void> {
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
}

function waitForLease(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 15));
}

describe('a success of something else', () => {
  async function settleDisputed(named: Partial<NamedFacts>) {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    const [payment] = (await claim()) as [ClaimedPayment];
    const result = {
      inquiry: null,
      pay: { ...answers.succeeded, named: { ...NOTHING_NAMED, ...named } },
      latencyMs: 5,
    };
    const decision = decideAfterAttempt(payment, result, {
      policy,
      steadyForMs: Number.POSITIVE_INFINITY,
      random: 0,
    });
    const run = { payment, decision, report: reportOf(result, decision) };
    const told: Difference[] = [];
    const onDifferences = (differences: readonly Difference[]) => told.push(...differences);
    const results = await settlePayments(database.pool, [run], { onDifferences });
    return { userId, paymentId, run, results, told };
  }

  test('settles nothing: the hold stays, a person has to look, and the gateway is asked', async () => {
    const { userId, paymentId, results, told } = await settleDisputed({ amount: '0.5' });
    expect(results).toEqual(['disputed']);
    expect(told).toMatchObject([{ paymentId, kind: 'amount_mismatch', theirs: { amount: '0.5' } }]);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 5100n });
    const { rows } = await database.pool.query(
      `select kind, source, (select count(*)::int from payment_inquiries as i where i.payment_id = e.payment_id) as asked
       from reconciliation_differences as e where payment_id = $1`,
      [paymentId],
    );
    expect(rows).toEqual([{ kind: 'amount_mismatch', source: 'attempt', asked: 1 }]);
    expect(await listAttempts(database.knex, paymentId)).toMatchObject([
      { outcome: 'succeeded', errorClass: 'disputed' },
    ]);
  });

  test('is recorded whatever characters it is written in', async () => {
    const { paymentId, told } = await settleDisputed({ currency: '\ud83d\0', reference: '\ude00' });
    expect(told.map(({ kind }) => kind).sort()).toEqual(['amount_mismatch', 'reference_mismatch']);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
  });

  test('is recorded once, however often its run is settled', async () => {
    const { run, told } = await settleDisputed({ type: 'deposit' });
    expect(told).toHaveLength(1);
    expect(await settlePayments(database.pool, [run])).toEqual(['stale']);
    expect(await recordLateResults(database.pool, [run])).toEqual([]);
  });
});
