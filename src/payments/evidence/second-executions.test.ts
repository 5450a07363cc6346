import { eventAbout, receive } from '../../../test/builders/callbacks.ts';
import { claimPayments } from '../../../test/builders/claim-payments.ts';
import {
  createPaymentWorld,
  createSilentEvents,
  type PaymentWorld,
  STEADY_CLOCK,
} from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLettersOfPayment } from '../../dead-letters/read-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import type { PayOutcome } from '../../gateway/port/payment-gateway.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { decideAfterAttempt, reportOf } from '../attempt/decide-after-attempt.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { recordLateResults } from '../conclude/record-late-results.ts';
import { type FinishedRun, settlePayments } from '../conclude/settle-payments.ts';
import { askAboutUnknown } from '../unknown/ask-about-unknown.ts';

/*
 * A redriven payment whose call is on its way cannot be called back when word comes that an older call had moved the money. Whoever
 * ends the payment then has to notice.
 */

let database: TestDatabase;
let world: PaymentWorld;
let scripted: ReturnType<typeof createScriptedGateway>;
let told: Difference[];

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
beforeEach(() => {
  scripted = createScriptedGateway();
  told = [];
});
afterEach(async () => {
  await database.pool.query('delete from payment_inquiries');
  expect(await world.violations()).toEqual([]);
});
afterAll(() => database.close());

const POLICY = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 0 };
const succeeded = (gatewayReference: string): PayOutcome => ({ ...answers.succeeded, gatewayReference });

function startWorker() {
  const events = createSilentEvents({ differencesFound: (differences) => void told.push(...differences) });
  const worker = world.worker(scripted.gateway, { policy: POLICY, events });
  worker.start();
  return worker;
}
async function work(): Promise<void> {
  const worker = startWorker();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

/** Sends a payment, has something happen while the gateway has it, and lets the gateway answer. */
async function workWhile(happens: () => Promise<unknown>, answer: PayOutcome): Promise<void> {
  const gate = Promise.withResolvers<void>();
  const sentBefore = scripted.sent.length;
  scripted.answerSends(async () => {
    await gate.promise;
    return answer;
  });
  const worker = startWorker();
  await waitUntil('a call that is under way', async () => scripted.sent.length > sentBefore);
  await happens();
  gate.resolve();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(5000);
}

async function redrive(paymentId: bigint): Promise<bigint> {
  const { id } = (await listDeadLettersOfPayment(database.knex, paymentId)).at(-1)!;
  const outcome = await redriveDeadLetter(database.pool, { id, by: 'ana', reason: 'again' });
  if (outcome.kind !== 'redriven') throw new Error(outcome.kind);
  return outcome.paymentId;
}
const callback = async (paymentId: bigint, changes: object = {}) =>
  receive(database.pool, await eventAbout(database.pool, paymentId, changes));

/** A payment that the gateway refused, and the one that was made from it, under a reference of its own. */
async function makeRefusedAndRedriven() {
  scripted.answerSends(() => answers.refused);
  const olderId = await world.accept(await world.user(), { type: 'deposit' });
  await work();
  expect(await world.payment(olderId)).toMatchObject({ status: 'failed' });
  return { olderId, paymentId: await redrive(olderId) };
}
async function claimOne(paymentId: bigint): Promise<ClaimedPayment> {
  const claimed = await claimPayments(database.pool, { worker: 'w', limit: 100, leaseMs: 60_000 });
  return claimed.find((payment) => payment.paymentId === paymentId)!;
}
function finish(payment: ClaimedPayment, pay: PayOutcome): FinishedRun {
  const result = { inquiry: null, pay, latencyMs: 1 };
  const decision = decideAfterAttempt(payment, result, {
    policy: POLICY,
    steadyForMs: Number.POSITIVE_INFINITY,
    random: 0,
  });
  return { payment, report: reportOf(result, decision), decision };
}

describe('word about an older call, while a redriven payment is with the gateway', () => {
  test('in a callback: the success is settled, and reported as a second execution', async () => {
    const { olderId, paymentId } = await makeRefusedAndRedriven();
    await workWhile(() => callback(olderId, { gatewayReference: 'gw-1' }), succeeded('gw-2'));
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', gatewayReference: 'gw-2' });
    expect(told).toMatchObject([
      {
        kind: 'duplicate',
        paymentId,
        ours: { redrive_of: Number(olderId), evidence: expect.stringContaining('said that it succeeded') },
        theirs: { gateway_reference: 'gw-2', count: 1 },
      },
    ]);
  });

  test('in the book: the same', async () => {
    const { olderId, paymentId } = await makeRefusedAndRedriven();
    const intoTheBook = () =>
      database.pool.query(
        `insert into payment_book_sightings (reference, report_id, type, amount, currency)
         select reference, 1, type, amount, currency from payments where id = $1`,
        [olderId],
      );
    await workWhile(intoTheBook, succeeded('gw-2'));
    expect(told).toMatchObject([{ kind: 'duplicate', paymentId }]);
  });

  test('with a refusal of the new call: nothing fails', async () => {
    const { olderId, paymentId } = await makeRefusedAndRedriven();
    await workWhile(() => callback(olderId), answers.refused);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
    expect(told).toMatchObject([{ kind: 'status_contradiction' }]);
  });

  test('that ends by a callback of its own: the callback is reported', async () => {
    const { olderId, paymentId } = await makeRefusedAndRedriven();
    await workWhile(async () => {
      await callback(olderId);
      expect(await callback(paymentId, { gatewayReference: 'gw-2' })).toMatchObject({
        result: 'concluded',
        newDifferences: [{ kind: 'duplicate', source: 'callback', paymentId }],
      });
    }, succeeded('gw-2'));
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
  });

  test('that ends by the answer to an inquiry: the answer is reported', async () => {
    const { olderId, paymentId } = await makeRefusedAndRedriven();
    await workWhile(() => callback(olderId), answers.unknown);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
    await database.pool.query('update payment_inquiries set next_ask_at = now()');
    scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw-2' }));
    const { pool } = database;
    const [asked] = await askAboutUnknown({
      pool,
      gateway: scripted.gateway,
      clock: STEADY_CLOCK,
      notFoundGraceMs: 0,
      claimMs: 60_000,
      limit: 10,
    });
    expect(asked).toMatchObject({
      isConcluded: true,
      newDifferences: [{ kind: 'duplicate', source: 'inquiry', paymentId }],
    });
  });

  test('under the same reference and another gateway reference: it was carried out twice', async () => {
    const olderId = await world.accept(await world.user(), { type: 'deposit' });
    const lost = await claimOne(olderId);
    await settlePayments(database.pool, [finish(lost, answers.unknown)]);
    scripted.answerInquiries(() => ({ kind: 'not_found' }));
    for (let times = 0; times < 2; times += 1) {
      await database.pool.query('update payment_inquiries set next_ask_at = now()');
      const { pool } = database;
      const { gateway } = scripted;
      await askAboutUnknown({
        pool,
        gateway,
        clock: STEADY_CLOCK,
        notFoundGraceMs: 0,
        claimMs: 60_000,
        limit: 10,
      });
    }
    const paymentId = await redrive(olderId);
    await database.pool.query(
      `update payment_attempts set outcome = 'abandoned' where payment_id = $1 and outcome = 'unknown'`,
      [olderId],
    );
    await workWhile(
      () => recordLateResults(database.pool, [finish(lost, succeeded('gw-1'))]),
      succeeded('gw-2'),
    );
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', gatewayReference: 'gw-2' });
    expect(told).toMatchObject([{ kind: 'duplicate', paymentId, theirs: { gateway_reference: 'gw-2' } }]);
  });

  test('under the same reference and the same gateway reference: it is one execution', async () => {
    const { paymentId } = await makeRefusedAndRedriven();
    await database.pool.query(
      `update payments set reference = (select reference from payments as older where older.id = payments.redrive_of)
       where id = $1`,
      [paymentId],
    );
    await workWhile(
      () =>
        database.pool.query(
          `insert into payment_book_sightings (reference, report_id, type, amount, currency, gateway_reference)
           select reference, 1, type, amount, currency, 'gw-2' from payments where id = $1`,
          [paymentId],
        ),
      succeeded('gw-2'),
    );
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
    expect(told).toEqual([]);
  });
});

test('what a person overrode is reported once, by them', async () => {
  const second = await world.accept(await world.user(), { type: 'deposit' });
  scripted.answerSends(() => answers.refused);
  await work();
  await callback(second);
  const { id } = (await listDeadLettersOfPayment(database.knex, second)).at(-1)!;
  const outcome = await redriveDeadLetter(database.pool, {
    id,
    by: 'ana',
    reason: 'their callback was wrong',
    mayOverrideEvidence: true,
  });
  expect(outcome.kind).toBe('redriven');
  scripted.answerSends(() => succeeded('gw-2'));
  await work();
  expect(told.filter(({ kind }) => kind === 'duplicate')).toEqual([]);
});

test('a settlement that skips locked rows waits for no older payment of the chain', async () => {
  const { olderId, paymentId } = await makeRefusedAndRedriven();
  const run = finish(await claimOne(paymentId), answers.refused);
  // As a late answer does: the payments of one chain, by id.
  const late = await database.pool.connect();
  await late.query('begin');
  await late.query('select from payments where id = $1 for no key update', [olderId]);
  const settling = settlePayments(database.pool, [run], { lockedRows: 'skip', lockWaitMs: 10_000 });
  // With the fault it waits for the older payment now and has the newer one; then the late answer goes on.
  await Promise.race([
    settling,
    waitUntil('a settlement that waits', async () => {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0].count === 1;
    }),
  ]);
  await late.query('select from payments where id = $1 for no key update', [paymentId]);
  expect(await settling).toEqual(['locked']);
  await late.query('rollback');
  late.release();
  expect(await settlePayments(database.pool, [run], { lockedRows: 'skip' })).toEqual(['failed']);
});
