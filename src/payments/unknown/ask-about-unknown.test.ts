import { claimPayments } from '../../../test/builders/claim-payments.ts';
import { createPaymentWorld, type PaymentWorld, STEADY_CLOCK } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLetters } from '../../dead-letters/list-dead-letters.sql.ts';
import { NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import { rescuePayments } from '../attempt/rescue-payments.ts';
import { markForReview } from './ask-about-unknown.sql.ts';
import { askAboutUnknown } from './ask-about-unknown.ts';
import { inquiryPauseMs } from './inquiry-schedule.ts';
import { resolvePayment } from './resolve-payment.ts';

let database: TestDatabase;
let world: PaymentWorld;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(async () => {
  await database.pool.query('delete from payment_inquiries');
  expect(await world.violations()).toEqual([]);
});
afterAll(() => database.close());

async function makeUnknown(userId: bigint): Promise<bigint> {
  scripted.answerSends(() => answers.unknown);
  scripted.answerInquiries(() => ({ kind: 'not_found' }));
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an unknown payment', async () => (await world.payment(paymentId)).status === 'unknown');
  await worker.stop(1000);
  return paymentId;
}

/** Makes every question due, and the payment unknown, with its calls ended, for as long as the test says. */
async function makeDue({ openForMs = 0 } = {}): Promise<void> {
  await database.pool.query(
    `update payment_attempts set finished_at = now() - $1 * interval '1 millisecond'`,
    [openForMs],
  );
  await database.pool.query(
    `update payment_inquiries set next_ask_at = now(), opened_at = now() - $1 * interval '1 millisecond'`,
    [openForMs],
  );
}

async function ask(answer: InquiryOutcome, { notFoundGraceMs = 10_000 } = {}) {
  scripted.answerInquiries(() => answer);
  return await askAboutUnknown({
    pool: database.pool,
    gateway: scripted.gateway,
    clock: STEADY_CLOCK,
    notFoundGraceMs,
    claimMs: 60_000,
    limit: 10,
  });
}

async function letterOf(paymentId: bigint) {
  const { items: letters } = await listDeadLetters(database.knex, { state: 'all', limit: 50 });
  return letters.find((letter) => letter.paymentId === paymentId);
}

test('the first question waits ten seconds', async () => {
  await makeUnknown(await world.user());
  expect(inquiryPauseMs(0)).toBe(10_000);
  expect(await ask({ kind: 'not_found' })).toEqual([]);
});

test('a payment that the gateway had executed is settled, and its letter resolved', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await makeUnknown(userId);
  await makeDue();
  await ask({ kind: 'succeeded', gatewayReference: 'gw-7' });
  expect(await world.payment(paymentId)).toMatchObject({
    status: 'success',
    gatewayReference: 'gw-7',
    attempts: 3,
  });
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
  expect(await letterOf(paymentId)).toMatchObject({ action: 'resolved', actionBy: 'gateway inquiry' });
});

test('a payment that the gateway had refused fails, and its letter can be redriven', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await makeUnknown(userId);
  await makeDue();
  await ask({ kind: 'refused', errorClass: 'refused', message: 'declined', httpStatus: 200 });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', transactionStatus: 'voided' });
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
  expect(await letterOf(paymentId)).toMatchObject({ reason: 'refused', action: null });
});

test('"not found" counts once the grace period is over, and the second answer that counts releases the hold', async () => {
  const userId = await world.user(100_000n);
  const paymentId = await makeUnknown(userId);
  // So long that what a busy machine takes for a step makes no difference.
  const askNow = () => ask({ kind: 'not_found' }, { notFoundGraceMs: 600_000 });
  for (const openForMs of [300_000, 540_000, 660_000]) {
    await makeDue({ openForMs });
    await askNow();
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  }
  // Asked again at once, by a sweep that came late: the same word once more.
  await makeDue({ openForMs: 660_010 });
  await askNow();
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  await database.pool.query(`update payment_inquiries set not_found_at = not_found_at - interval '1 minute'`);
  await makeDue({ openForMs: 721_000 });
  await askNow();
  expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', transactionStatus: 'voided' });
  expect(await letterOf(paymentId)).toMatchObject({ reason: 'attempts_exhausted', action: null });
});

test('"not found" does not count while a call that ended late is more recent than the grace period', async () => {
  const paymentId = await makeUnknown(await world.user());
  for (let asked = 0; asked < 3; asked += 1) {
    await makeDue({ openForMs: 60_000 });
    await database.pool.query(
      'update payment_attempts set finished_at = now() where payment_id = $1 and attempt = 1',
      [paymentId],
    );
    await ask({ kind: 'not_found' });
  }
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
});

test('after "not found" the next question comes when its answer can count', async () => {
  const paymentId = await makeUnknown(await world.user());
  await database.pool.query('update payment_inquiries set asked_count = 5');
  await makeDue({ openForMs: 40_000 });
  await ask({ kind: 'not_found' }, { notFoundGraceMs: 100_000 });
  const { rows } = await database.pool.query(
    'select extract(epoch from next_ask_at - now())::float8 as pause from payment_inquiries where payment_id = $1',
    [paymentId],
  );
  expect(rows[0].pause).toBeGreaterThan(30);
  expect(rows[0].pause).toBeLessThanOrEqual(60);
});

test('a gateway that does not answer is asked again after longer and longer pauses', async () => {
  const paymentId = await makeUnknown(await world.user());
  for (const pauseMs of [30_000, 120_000, 600_000]) {
    await makeDue({ openForMs: 60_000 });
    const askedFromMs = performance.now();
    await ask({ kind: 'unknown', errorClass: 'timeout', message: 'no answer', httpStatus: null });
    const { rows } = await database.pool.query(
      'select (extract(epoch from next_ask_at - now()) * 1000)::float8 as "leftMs" from payment_inquiries where payment_id = $1',
      [paymentId],
    );
    const passedMs = performance.now() - askedFromMs;
    expect(rows[0].leftMs).toBeLessThanOrEqual(pauseMs);
    expect(rows[0].leftMs).toBeGreaterThan(pauseMs - passedMs - 500);
  }
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
});

test('two workers that ask at once ask each question once and settle it once', async () => {
  const userId = await world.user(1_000_000n);
  for (let made = 0; made < 5; made += 1) await makeUnknown(userId);
  await makeDue();
  const asked = await Promise.all([1, 2, 3].map(() => ask({ kind: 'succeeded', gatewayReference: 'gw' })));
  expect(asked.flat()).toHaveLength(5);
  expect(await world.wallet(userId)).toMatchObject({
    postedMinor: 1_000_000n - 5n * 5100n,
    heldMinor: 0n,
  });
});

test('an answer that comes after the payment was settled otherwise changes nothing', async () => {
  const userId = await world.user(100_000n);
  await makeUnknown(userId);
  await makeDue();
  scripted.answerInquiries(async () => {
    await makeDue();
    scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw-first' }));
    await askAboutUnknown({
      pool: database.pool,
      gateway: scripted.gateway,
      clock: STEADY_CLOCK,
      notFoundGraceMs: 0,
      claimMs: 5000,
      limit: 10,
    });
    return { kind: 'succeeded', gatewayReference: 'gw-second' };
  });
  await askAboutUnknown({
    pool: database.pool,
    gateway: scripted.gateway,
    clock: STEADY_CLOCK,
    notFoundGraceMs: 0,
    claimMs: 5000,
    limit: 10,
  });
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
});

test('a withdrawal that lost its worker before any attempt ended shows that its hold was released', async () => {
  const paymentId = await world.accept(await world.user(), { type: 'withdraw' });
  await claimPayments(database.pool, { worker: 'lost', limit: 1, leaseMs: 0 });
  await waitUntil('a poisoned payment', async () => {
    const { poisonedPaymentIds } = await rescuePayments(database.pool, { maxRescues: 0 });
    return poisonedPaymentIds.includes(paymentId);
  });
  await makeDue();
  await ask(answers.refused);
  expect(await world.payment(paymentId)).toMatchObject({
    status: 'failed',
    attempts: 0,
    transactionStatus: 'voided',
  });
});

async function differencesOf(paymentId: bigint) {
  const { rows } = await database.pool.query(
    'select kind, source from reconciliation_differences where payment_id = $1',
    [paymentId],
  );
  return rows;
}

test.each([
  ['another amount', { amount: '49.99', currency: 'USD' }],
  ['another currency', { amount: '50', currency: 'EUR' }],
  ['another amount, without a currency', { amount: '49.99' }],
  ['another currency, without an amount', { currency: 'EUR' }],
  ['another direction', { type: 'deposit' }],
])('a success of %s is not believed: it is recorded, and asking goes on', async (_what, said) => {
  const paymentId = await makeUnknown(await world.user());
  await makeDue();
  const asked = await ask({
    kind: 'succeeded',
    gatewayReference: 'gw',
    named: { ...NOTHING_NAMED, ...said },
  });
  expect(asked).toMatchObject([
    { decision: { kind: 'disputed' }, newDifferences: [{ kind: 'amount_mismatch' }] },
  ]);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  expect(await differencesOf(paymentId)).toEqual([{ kind: 'amount_mismatch', source: 'inquiry' }]);
  await makeDue();
  await ask({
    kind: 'succeeded',
    gatewayReference: 'gw',
    named: { ...NOTHING_NAMED, amount: '50.00', currency: 'USD' },
  });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
});

test('a worker that asks before it sends does not believe a success of another amount either', async () => {
  scripted.answerSends(() => answers.unknown);
  scripted.answerInquiries(() => ({
    kind: 'succeeded',
    gatewayReference: 'gw',
    named: { ...NOTHING_NAMED, amount: '1', currency: 'USD' },
  }));
  const paymentId = await world.accept(await world.user());
  const sentBefore = scripted.sent.length;
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an unknown payment', async () => (await world.payment(paymentId)).status === 'unknown');
  await worker.stop(1000);
  expect(scripted.sent.length - sentBefore).toBe(1);
});

test('a gateway that once reported success is not believed if it then does not know the payment, or says it refused it', async () => {
  const paymentId = await makeUnknown(await world.user());
  await database.pool.query(
    `update payment_attempts set outcome = 'succeeded' where payment_id = $1 and attempt = 1`,
    [paymentId],
  );
  for (let asked = 0; asked < 4; asked += 1) {
    await makeDue({ openForMs: 3_600_000 });
    await ask({ kind: 'not_found' });
  }
  await makeDue({ openForMs: 3_600_000 });
  const refusal = { kind: 'refused', errorClass: 'refused', message: 'declined', httpStatus: 200 } as const;
  expect(await ask(refusal)).toMatchObject([{ decision: { kind: 'disputed' } }]);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
  expect(await differencesOf(paymentId)).toEqual([{ kind: 'status_contradiction', source: 'inquiry' }]);
});

test('an answer that contradicts what a person has decided in the meantime is recorded and changes nothing', async () => {
  const paymentId = await makeUnknown(await world.user());
  await makeDue();
  scripted.answerInquiries(async () => {
    await resolvePayment(database.pool, {
      paymentId,
      outcome: 'not_executed',
      by: 'ana',
      reason: 'the gateway’s people said so',
      evidence: 'ticket 7',
      gatewayReference: null,
    });
    return { kind: 'succeeded', gatewayReference: 'gw' };
  });
  const asked = await askAboutUnknown({
    pool: database.pool,
    gateway: scripted.gateway,
    clock: STEADY_CLOCK,
    notFoundGraceMs: 0,
    claimMs: 5000,
    limit: 10,
  });
  expect(asked).toMatchObject([{ newDifferences: [{ kind: 'status_contradiction', source: 'inquiry' }] }]);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'failed' });
});

test('every question is kept with its answer', async () => {
  const paymentId = await makeUnknown(await world.user());
  await makeDue();
  await ask({ kind: 'unknown', errorClass: 'timeout', message: 'no answer', httpStatus: null });
  await makeDue();
  await ask({ kind: 'succeeded', gatewayReference: 'gw-7' });
  const { rows } = await database.pool.query(
    'select asked_count, answer, detail from payment_inquiry_answers where payment_id = $1 order by id',
    [paymentId],
  );
  expect(rows).toEqual([
    { asked_count: 1, answer: 'unknown', detail: 'no answer' },
    { asked_count: 2, answer: 'succeeded', detail: 'gw-7' },
  ]);
});

test('after the horizon a payment is handed to a person once, and asking goes on', async () => {
  const horizonMs = 72 * 3_600_000;
  const mark = () => markForReview(database.pool, { horizonMs, limit: 100 });
  const paymentId = await makeUnknown(await world.user());
  await makeDue({ openForMs: horizonMs - 60_000 });
  expect(await mark()).toEqual([]);
  expect(await world.payment(paymentId)).toMatchObject({ needsReview: false });
  await makeDue({ openForMs: horizonMs });
  expect((await Promise.all([mark(), mark(), mark()])).flat()).toEqual([paymentId]);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', needsReview: true });
  await ask({ kind: 'succeeded', gatewayReference: 'gw' });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'success', needsReview: false });
});
