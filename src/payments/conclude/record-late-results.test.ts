import { eventAbout, receive } from '../../../test/builders/callbacks.ts';
import { createPaymentWorld, type PaymentWorld } from '../../../test/builders/payment-world.ts';
import { answers } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { createPaymentClaimer } from '../attempt/claim-payments.ts';
import { decideAfterAttempt, reportOf } from '../attempt/decide-after-attempt.ts';
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

const policy = { maxAttempts: 3, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 1 };

/** A worker's run whose payment a callback concluded before its answer came. */
async function overtakenRun(
  said: 'succeeded' | 'refused',
  pay: (typeof answers)[keyof typeof answers],
): Promise<FinishedRun> {
  const paymentId = await world.accept(await world.user());
  const [payment] = await createPaymentClaimer({ pool: database.pool, worker: 'w', leaseMs: 60_000 }).claim(
    1,
  );
  if (payment?.paymentId !== paymentId) throw new Error('another payment was in the queue');
  await receive(database.pool, await eventAbout(database.pool, paymentId, { status: said }));
  const result = { inquiry: null, pay, latencyMs: 5 };
  const decision = decideAfterAttempt(payment, result, {
    policy,
    steadyForMs: Number.POSITIVE_INFINITY,
    random: 0,
  });
  const run = { payment, report: reportOf(result), decision };
  expect(await settlePayments(database.pool, [run])).toEqual(['stale']);
  return run;
}

const attemptOf = async ({ payment }: FinishedRun) =>
  (await listAttempts(database.knex, payment.paymentId))[0];

test('an answer that agrees is kept with its attempt and is no difference', async () => {
  const run = await overtakenRun('succeeded', answers.succeeded);
  expect(await recordLateResults(database.pool, [run])).toEqual([]);
  expect(await attemptOf(run)).toMatchObject({ outcome: 'succeeded', httpStatus: 200, errorClass: null });
});

test('an answer that contradicts how the payment ended is recorded and settles nothing', async () => {
  const run = await overtakenRun('refused', answers.succeeded);
  expect(await recordLateResults(database.pool, [run])).toMatchObject([
    {
      kind: 'status_contradiction',
      source: 'attempt',
      ours: { status: 'failed' },
      theirs: { status: 'succeeded' },
    },
  ]);
  expect(await world.payment(run.payment.paymentId)).toMatchObject({ status: 'failed' });
  expect(await attemptOf(run)).toMatchObject({ outcome: 'succeeded' });
});

test('a refusal after a success is recorded', async () => {
  const run = await overtakenRun('succeeded', answers.refused);
  expect(await recordLateResults(database.pool, [run])).toMatchObject([{ theirs: { status: 'refused' } }]);
});

test('keeping the same results twice reports them once and keeps the answer', async () => {
  const run = await overtakenRun('refused', answers.succeeded);
  await recordLateResults(database.pool, [run]);
  const before = await attemptOf(run);
  expect(await recordLateResults(database.pool, [run])).toEqual([]);
  expect(await attemptOf(run)).toEqual(before);
});

test('a late answer without an outcome leaves the closed attempt unchanged', async () => {
  const run = await overtakenRun('succeeded', answers.unknown);
  expect(await recordLateResults(database.pool, [run])).toEqual([]);
  expect(await attemptOf(run)).toMatchObject({ outcome: 'abandoned', errorClass: 'overtaken' });
});
