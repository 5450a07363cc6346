import { eventAbout, receive } from '../../../test/builders/callbacks.ts';
import { claimPayments } from '../../../test/builders/claim-payments.ts';
import { createPaymentWorld, type PaymentWorld, STEADY_CLOCK } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLettersOfPayment } from '../../dead-letters/read-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import {
  type AttemptDecision,
  type AttemptResult,
  decideAfterAttempt,
  reportOf,
} from '../attempt/decide-after-attempt.ts';
import { storeGatewayEvents } from '../callbacks/store-gateway-events.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { recordLateResults } from '../conclude/record-late-results.ts';
import { type FinishedRun, settlePayments } from '../conclude/settle-payments.ts';
import { askAboutUnknown } from '../unknown/ask-about-unknown.ts';
import { resolvePayment } from '../unknown/resolve-payment.ts';
import { findEvidence } from './read-evidence.sql.ts';

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
  // What is still asked about is no other test's.
  await database.pool.query('delete from payment_inquiries');
  expect(await world.violations()).toEqual([]);
});
afterAll(() => database.close());

const NOT_FOUND: InquiryOutcome = { kind: 'not_found' };
const SUCCEEDED: InquiryOutcome = { kind: 'succeeded', gatewayReference: 'gw' };
const REFUSED: InquiryOutcome = {
  kind: 'refused',
  errorClass: 'refused',
  message: 'declined',
  httpStatus: 200,
};
const POLICY = { maxAttempts: 3, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 0 };

async function work(): Promise<void> {
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

/** A withdrawal whose every call had no answer. */
async function makeUnknown(userId?: bigint): Promise<bigint> {
  const paymentId = await world.accept(userId ?? (await world.user()));
  scripted.answerSends(() => answers.unknown);
  await work();
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  return paymentId;
}

async function ask(answer: InquiryOutcome | (() => Promise<InquiryOutcome>), notFoundGraceMs = 0) {
  await database.pool.query(`update payment_inquiries set next_ask_at = now()`);
  scripted.answerInquiries(() => (typeof answer === 'function' ? answer() : answer));
  return await askAboutUnknown({
    pool: database.pool,
    gateway: scripted.gateway,
    clock: STEADY_CLOCK,
    notFoundGraceMs,
    claimMs: 60_000,
    limit: 10,
  });
}

/** A withdrawal that the gateway says, twice, that it does not know. */
async function makeFailed(userId?: bigint): Promise<bigint> {
  const paymentId = await makeUnknown(userId);
  await ask(NOT_FOUND);
  await ask(NOT_FOUND);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', transactionStatus: 'voided' });
  return paymentId;
}

async function letterOf(paymentId: bigint) {
  return (await listDeadLettersOfPayment(database.knex, paymentId)).at(-1)!;
}
const redrive = async (paymentId: bigint) =>
  redriveDeadLetter(database.pool, {
    id: (await letterOf(paymentId)).id,
    by: 'ana',
    reason: 'the gateway is back',
  });
const NOT_EXECUTED = {
  outcome: 'not_executed',
  by: 'ana',
  reason: 'they told me',
  evidence: 'ticket 7',
  gatewayReference: null,
} as const;
const resolve = (paymentId: bigint, outcome: 'executed' | 'not_executed') =>
  resolvePayment(database.pool, { ...NOT_EXECUTED, paymentId, outcome });

async function differencesOf(paymentId: bigint) {
  const { rows } = await database.pool.query(
    'select kind, source, ours, theirs from reconciliation_differences where payment_id = $1 order by id',
    [paymentId],
  );
  return rows;
}
async function referenceOf(paymentId: bigint): Promise<string> {
  const { rows } = await database.pool.query('select reference from payments where id = $1', [paymentId]);
  return rows[0].reference;
}
const callback = async (paymentId: bigint, changes: object = {}) =>
  receive(database.pool, await eventAbout(database.pool, paymentId, changes));

async function claimOne(paymentId: bigint): Promise<ClaimedPayment> {
  const claimed = await claimPayments(database.pool, { worker: 'w', limit: 100, leaseMs: 60_000 });
  return claimed.find((payment) => payment.paymentId === paymentId)!;
}
function finish(
  payment: ClaimedPayment,
  result: Partial<AttemptResult>,
  decision?: AttemptDecision,
): FinishedRun {
  const whole = { inquiry: null, pay: null, latencyMs: 1, ...result };
  return {
    payment,
    report: reportOf(whole),
    decision:
      decision ??
      decideAfterAttempt(payment, whole, {
        policy: POLICY,
        steadyForMs: Number.POSITIVE_INFINITY,
        random: 0,
      }),
  };
}
const settle = async (run: FinishedRun) => (await settlePayments(database.pool, [run]))[0];

describe('a redrive', () => {
  test('is refused with the evidence once a callback says that the money moved', async () => {
    const paymentId = await makeFailed();
    await callback(paymentId, { eventId: `evt-${paymentId}` });
    expect(await redrive(paymentId)).toMatchObject({
      kind: 'evidence',
      evidence: expect.arrayContaining([
        expect.objectContaining({ source: 'callback', what: expect.stringContaining(`evt-${paymentId}`) }),
        expect.objectContaining({ source: 'exception' }),
      ]),
    });
    expect((await letterOf(paymentId)).action).toBeNull();
    expect(await world.count('payment_tasks')).toBe(0);
  });

  test('of a payment that was sent with an open outcome goes under the same reference, and asks first', async () => {
    const paymentId = await makeFailed();
    const reference = await referenceOf(paymentId);
    const sentBefore = scripted.sent.length;
    const redriven = await redrive(paymentId);
    if (redriven.kind !== 'redriven') throw new Error(redriven.kind);
    expect(redriven.paymentId).not.toBe(paymentId);
    expect(await referenceOf(redriven.paymentId)).toBe(reference);
    scripted.answerInquiries(() => SUCCEEDED);
    await work();
    expect(scripted.sent).toHaveLength(sentBefore);
    expect(await world.payment(redriven.paymentId)).toMatchObject({
      status: 'success',
      redriveOf: paymentId,
    });
  });
});

test('a late success in an attempt keeps a payment from failing in the queue', async () => {
  const paymentId = await world.accept(await world.user());
  const first = await claimOne(paymentId);
  await database.pool.query(
    `update payment_tasks set state = 'ready', locked_by = null, lease_expires_at = null, unknown_since = now(), not_found_at = now(), not_found_count = 1, attempts = 2
     where payment_id = $1`,
    [paymentId],
  );
  const second = await claimOne(paymentId);
  await recordLateResults(database.pool, [finish(first, { pay: answers.succeeded })]);
  expect(await settle(finish(second, { inquiry: NOT_FOUND, pay: answers.refused }))).toBe('unknown');
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  expect(await letterOf(paymentId)).toMatchObject({ reason: 'outcome_unknown' });
  expect(await differencesOf(paymentId)).toMatchObject([{ kind: 'status_contradiction' }]);
});

test('a success that is recorded during an inquiry stands against its "not found"', async () => {
  const paymentId = await makeUnknown();
  await ask(NOT_FOUND);
  await ask(async () => {
    await database.pool.query(
      `update payment_attempts set outcome = 'succeeded' where payment_id = $1 and attempt = 1`,
      [paymentId],
    );
    return NOT_FOUND;
  });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  expect(await differencesOf(paymentId)).toMatchObject([
    { kind: 'status_contradiction', source: 'inquiry', theirs: { status: 'not_found' } },
  ]);
});

test('a callback that reports success with another amount stands against two answers "not found"', async () => {
  const paymentId = await makeUnknown();
  await callback(paymentId, { amount: '49.99' });
  for (let asked = 0; asked < 3; asked += 1) await ask(NOT_FOUND);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
});

test('an answer from before a redrive and its sends never fails the payment', async () => {
  const paymentId = await makeUnknown();
  let answerLate: () => void = () => {};
  const askedBefore = scripted.inquired.length;
  const late = ask(async () => {
    await new Promise<void>((resolveLate) => {
      answerLate = resolveLate;
    });
    return REFUSED;
  });
  await waitUntil('the question', async () => scripted.inquired.length > askedBefore);
  expect(await redrive(paymentId)).toMatchObject({ kind: 'redriven', paymentId });
  scripted.answerInquiries(() => NOT_FOUND);
  await work();
  // The same number of questions has been asked about it as before.
  await database.pool.query('update payment_inquiries set asked_count = 1');
  answerLate();
  await late;
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
});

test('a callback that waits to be processed stands against a refusal, and ends the payment once it is processed', async () => {
  const paymentId = await world.accept(await world.user());
  const run = await claimOne(paymentId);
  const event = await eventAbout(database.pool, paymentId);
  await storeGatewayEvents(database.pool, [event]);
  expect(await settle(finish(run, { pay: answers.refused }))).toBe('unknown');
  await receive(database.pool, event);
  expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
});

test('a refusal in a callback ends nothing while a late answer says that the money moved', async () => {
  const paymentId = await makeUnknown();
  await database.pool.query(
    `update payment_attempts set inquiry = 'succeeded' where payment_id = $1 and attempt = 2`,
    [paymentId],
  );
  expect(await callback(paymentId, { status: 'refused', message: 'declined' })).toMatchObject({
    result: 'exception',
  });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
});

/** Each way in which it can be recorded that money moved, for a payment that is given. */
const SAYINGS: [string, (paymentId: bigint) => Promise<unknown>][] = [
  [
    'attempt',
    (id) =>
      database.pool.query(
        `update payment_attempts set outcome = 'succeeded' where payment_id = $1 and attempt = 1`,
        [id],
      ),
  ],
  ['callback', async (id) => storeGatewayEvents(database.pool, [await eventAbout(database.pool, id)])],
  [
    'inquiry',
    (id) =>
      database.pool.query(
        `insert into payment_inquiry_answers (payment_id, asked_count, answer) values ($1, 1, 'succeeded')`,
        [id],
      ),
  ],
  [
    'exception',
    (id) =>
      database.pool.query(
        `insert into reconciliation_differences (payment_id, kind, source, theirs, dedupe_key)
         values ($1, 'amount_mismatch', 'inquiry', '{"status": "succeeded", "amount": "1"}', 'test:' || $1::bigint)`,
        [id],
      ),
  ],
  [
    'exception',
    async (id) =>
      database.pool.query(
        `insert into reconciliation_differences (reference, kind, source, theirs, dedupe_key)
         values ($1, 'duplicate', 'callback', '{"status": "succeeded"}', $1)`,
        [await referenceOf(id)],
      ),
  ],
  [
    'book',
    async (id) =>
      database.pool.query(
        `insert into payment_book_sightings (reference, report_id, type, amount, currency) values ($1, 1, 'withdraw', 5000, 'USD')`,
        [await referenceOf(id)],
      ),
  ],
];

describe.each(SAYINGS)('what an %s said', (source, say) => {
  test('keeps an unknown payment from failing, and from being resolved as not executed without an override', async () => {
    const paymentId = await makeUnknown();
    await say(paymentId);
    expect(
      (await findEvidence(database.pool, [paymentId], 'reference')).map((found) => found.source),
    ).toEqual([source]);
    for (let asked = 0; asked < 3; asked += 1) await ask(NOT_FOUND);
    await ask(REFUSED);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
    expect(await resolve(paymentId, 'not_executed')).toMatchObject({
      kind: 'evidence',
      evidence: [{ source }],
    });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
    expect(
      await resolvePayment(database.pool, { ...NOT_EXECUTED, paymentId, mayOverrideEvidence: true }),
    ).toMatchObject({ kind: 'resolved', overridden: [{ source }] });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'failed' });
    const { rows } = await database.pool.query(
      'select overridden_evidence as overridden from payment_resolutions where payment_id = $1',
      [paymentId],
    );
    expect(rows).toMatchObject([{ overridden: [{ source, payment_id: Number(paymentId) }] }]);
  });

  test('keeps a failed payment from being redriven without an override, which is kept with the letter', async () => {
    const paymentId = await makeFailed();
    await say(paymentId);
    expect(await redrive(paymentId)).toMatchObject({ kind: 'evidence', evidence: [{ source }] });
    const { id } = await letterOf(paymentId);
    const overriding = { id, by: 'ana', reason: 'they reversed it', mayOverrideEvidence: true };
    expect(await redriveDeadLetter(database.pool, overriding)).toMatchObject({
      kind: 'redriven',
      overridden: [{ source }],
    });
    expect(await letterOf(paymentId)).toMatchObject({
      action: 'redriven',
      actionBy: 'ana',
      actionReason: 'they reversed it',
      overriddenEvidence: [{ source }],
    });
    // What it was made from still stands against it: a program does not fail it.
    scripted.answerInquiries(() => NOT_FOUND);
    scripted.answerSends(() => answers.refused);
    await work();
    const { redrivenPaymentId } = await letterOf(paymentId);
    expect(await world.payment(redrivenPaymentId as bigint)).toMatchObject({ status: 'unknown' });
  });
});

describe('the reference of a redriven payment', () => {
  test('is new if the gateway refused, or if nothing was ever sent', async () => {
    scripted.answerSends(() => answers.refused);
    const refused = await world.accept(await world.user());
    await work();
    const again = await redrive(refused);
    if (again.kind !== 'redriven') throw new Error(again.kind);
    expect(await referenceOf(again.paymentId)).not.toBe(await referenceOf(refused));
    await work();
    expect(scripted.inquired).toEqual([]);
  });

  test('stays the same over several redrives, and the gateway sees the same request each time', async () => {
    const paymentId = await makeFailed(await world.user(1_000_000n));
    let newest = paymentId;
    for (let redriven = 0; redriven < 3; redriven += 1) {
      const outcome = await redrive(newest);
      if (outcome.kind !== 'redriven') throw new Error(outcome.kind);
      newest = outcome.paymentId;
      scripted.answerInquiries(() => NOT_FOUND);
      await work();
      await ask(NOT_FOUND);
      await ask(NOT_FOUND);
      expect(await world.payment(newest)).toMatchObject({ status: 'failed' });
    }
    const reference = await referenceOf(paymentId);
    expect(
      new Set(scripted.sent.map((sent) => `${sent.reference} ${sent.paymentId} ${sent.amountMinor}`)),
    ).toEqual(new Set([`${reference} ${paymentId} 5000`]));
  });

  test('stays the first one if a refusal is contradicted and a person overrides that', async () => {
    scripted.answerSends(() => answers.refused);
    const paymentId = await world.accept(await world.user());
    await work();
    await callback(paymentId);
    const { id } = await letterOf(paymentId);
    const overriding = { id, by: 'ana', reason: 'it will answer', mayOverrideEvidence: true };
    const outcome = await redriveDeadLetter(database.pool, overriding);
    if (outcome.kind !== 'redriven') throw new Error(outcome.kind);
    expect(await referenceOf(outcome.paymentId)).toBe(await referenceOf(paymentId));
    scripted.answerInquiries(() => SUCCEEDED);
    await work();
    expect(await world.payment(outcome.paymentId)).toMatchObject({ status: 'success' });
  });
});

test('money that moved under an older reference of the chain stands against another redrive', async () => {
  scripted.answerSends(() => answers.refused);
  const first = await world.accept(await world.user());
  await work();
  const second = await redrive(first);
  if (second.kind !== 'redriven') throw new Error(second.kind);
  await work();
  await callback(first);
  expect(await redrive(second.paymentId)).toMatchObject({ kind: 'evidence' });
});

describe('what is said of an older reference while a redrive under a new one is open', () => {
  /** A refused withdrawal and the payment that was made from it, which waits in the queue. */
  async function makeOpenCopy(): Promise<{ first: bigint; copy: bigint }> {
    scripted.answerSends(() => answers.refused);
    const first = await world.accept(await world.user());
    await work();
    const outcome = await redrive(first);
    if (outcome.kind !== 'redriven') throw new Error(outcome.kind);
    scripted.answerSends(() => answers.succeeded);
    scripted.sent.length = 0;
    return { first, copy: outcome.paymentId };
  }
  const overrideAndRedrive = async (paymentId: bigint) =>
    redriveDeadLetter(database.pool, {
      id: (await letterOf(paymentId)).id,
      by: 'ana',
      reason: 'they reversed it',
      mayOverrideEvidence: true,
    });

  test.each(SAYINGS)('keeps it from being sent (%s)', async (_source, say) => {
    const { first, copy } = await makeOpenCopy();
    await say(first);
    await work();
    expect(scripted.sent).toEqual([]);
    expect(await world.payment(copy)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
    expect(await letterOf(copy)).toMatchObject({ reason: 'outcome_unknown', action: null });
  });

  test('leaves it to a person: no "not found" and no refusal releases it, and no program redrives it', async () => {
    const { first, copy } = await makeOpenCopy();
    expect(await callback(first)).toMatchObject({ result: 'exception', paymentId: first });
    await work();
    for (let asked = 0; asked < 3; asked += 1) await ask(NOT_FOUND);
    await ask(REFUSED);
    await callback(copy, { status: 'refused' });
    expect(await world.payment(copy)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
    expect(await redrive(copy)).toMatchObject({ kind: 'evidence' });
    expect(await resolve(copy, 'not_executed')).toMatchObject({ kind: 'evidence' });
    expect(scripted.sent).toEqual([]);
    expect(await resolve(copy, 'executed')).toMatchObject({ kind: 'resolved' });
  });

  test('no longer stands once a person has overridden it, until something else is said', async () => {
    const { first, copy } = await makeOpenCopy();
    await callback(first);
    await work();
    scripted.answerSends(() => answers.notExecuted);
    expect(await overrideAndRedrive(copy)).toMatchObject({ kind: 'redriven', paymentId: copy });
    await work();
    expect(scripted.sent.length).toBeGreaterThan(0);
    expect(await world.payment(copy)).toMatchObject({ status: 'unknown' });
    scripted.sent.length = 0;
    await overrideAndRedrive(copy);
    await callback(first, { eventId: `evt-again-${first}` });
    await work();
    expect(scripted.sent).toEqual([]);
    expect(await world.payment(copy)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  });

  test('counts if it arrives while the gateway is asked before another send', async () => {
    const { first, copy } = await makeOpenCopy();
    scripted.answerSends(() => answers.unknown);
    scripted.answerInquiries(async () => {
      await callback(first, { eventId: `evt-meanwhile-${first}` });
      return NOT_FOUND;
    });
    await work();
    expect(scripted.sent).toHaveLength(1);
    expect(await world.payment(copy)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  });

  test('keeps a call in progress from failing it', async () => {
    const { first, copy } = await makeOpenCopy();
    scripted.answerSends(async () => {
      await callback(first);
      return answers.refused;
    });
    await work();
    expect(await world.payment(copy)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  });
});

describe('a callback about a reference that several payments share', () => {
  async function makeChain(): Promise<{ first: bigint; second: bigint }> {
    const first = await makeFailed();
    const outcome = await redrive(first);
    if (outcome.kind !== 'redriven') throw new Error(outcome.kind);
    return { first, second: outcome.paymentId };
  }

  test('ends the one that is open, and is shown with it', async () => {
    const { first, second } = await makeChain();
    const event = await eventAbout(database.pool, first);
    expect(await receive(database.pool, event)).toMatchObject({ result: 'concluded', paymentId: second });
    expect(await world.payment(second)).toMatchObject({ status: 'success' });
    expect(await world.payment(first)).toMatchObject({ status: 'failed' });
    expect(await differencesOf(first)).toEqual([]);
    const { rows } = await database.pool.query('select payment_id from gateway_events where event_id = $1', [
      event.eventId,
    ]);
    expect(rows).toEqual([{ payment_id: second }]);
  });

  test('is compared with the one that succeeded', async () => {
    const { first, second } = await makeChain();
    scripted.answerInquiries(() => SUCCEEDED);
    await work();
    expect(await callback(first)).toMatchObject({ result: 'matched', paymentId: second });
    expect(await callback(first, { status: 'refused' })).toMatchObject({
      result: 'exception',
      paymentId: second,
    });
  });

  test('contradicts the newest when all have failed', async () => {
    const { first, second } = await makeChain();
    scripted.answerInquiries(() => REFUSED);
    await work();
    expect(await callback(first)).toMatchObject({ result: 'exception', paymentId: second });
    expect(await differencesOf(second)).toMatchObject([{ kind: 'status_contradiction' }]);
  });
});
