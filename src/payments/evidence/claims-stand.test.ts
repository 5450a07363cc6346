import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { claimPayments } from '../../../test/builders/claim-payments.ts';
import { createPaymentWorld, type PaymentWorld, STEADY_CLOCK } from '../../../test/builders/payment-world.ts';
import { answers } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLettersOfPayment } from '../../dead-letters/read-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import { createAxiosGateway } from '../../gateway/http/axios-gateway.ts';
import { describeFailure } from '../../gateway/port/gateway-failure.ts';
import type { PaymentGateway } from '../../gateway/port/payment-gateway.ts';
import { type AttemptResult, decideAfterAttempt, reportOf } from '../attempt/decide-after-attempt.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { recordLateResults } from '../conclude/record-late-results.ts';
import { type FinishedRun, settlePayments } from '../conclude/settle-payments.ts';
import { askAboutUnknown } from '../unknown/ask-about-unknown.ts';
import { resolvePayment } from '../unknown/resolve-payment.ts';

/*
 * A gateway that says "succeeded" in an answer that settles nothing (an error, or one that contradicts itself) has said that the
 * money moved. Whatever it says later, no program may release it.
 */

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

let database: TestDatabase;
let world: PaymentWorld;
let server: Server;
let gateway: PaymentGateway;
let sendCount = 0;
let onPay: Answer;
let onInquire: Answer[];

const NOT_FOUND: Answer = { status: 404, body: { code: 'payment_not_found' } };
const DECLINED: Answer = { status: 200, body: { status: 'declined' } };
const SUCCEEDED: Answer = { status: 200, body: { status: 'succeeded', gateway_reference: 'gw-9' } };
const CLAIM: Answer = { status: 502, body: { status: 'succeeded', gateway_reference: 'gw-9' } };
const POLICY = { maxAttempts: 3, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 0 };

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  server = createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') {
      sendCount += 1;
      answer(response, onPay);
    } else answer(response, onInquire.length > 1 ? (onInquire.shift() as Answer) : (onInquire[0] as Answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  gateway = createAxiosGateway({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 10_000, maxConnections: 8 });
});
beforeEach(() => {
  sendCount = 0;
  onPay = SUCCEEDED;
  onInquire = [NOT_FOUND];
});
afterEach(async () => {
  await database.pool.query('delete from payment_inquiries');
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  gateway.close();
  server.close();
  await database.close();
});

function answer(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function work(): Promise<void> {
  const worker = world.worker(gateway, { policy: POLICY });
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

async function ask(...told: readonly Answer[]) {
  await database.pool.query('update payment_inquiries set next_ask_at = now()');
  onInquire = [...told];
  const { pool } = database;
  return await askAboutUnknown({
    pool,
    gateway,
    clock: STEADY_CLOCK,
    notFoundGraceMs: 0,
    claimMs: 60_000,
    limit: 10,
  });
}

async function sendAndHear(told: Answer): Promise<bigint> {
  onPay = told;
  const paymentId = await world.accept(await world.user());
  await work();
  return paymentId;
}

const letterOf = async (paymentId: bigint) =>
  (await listDeadLettersOfPayment(database.knex, paymentId)).at(-1)!;
const HELD = { status: 'unknown', transactionStatus: 'held' };

describe.each<[string, Answer]>([
  ['an error with the word in its place', CLAIM],
  ['a 400 with the word in its place', { status: 400, body: { status: 'succeeded' } }],
  ['a 401 with the word in its place', { status: 401, body: { status: 'succeeded' } }],
  ['a success with an error in it', { status: 200, body: { status: 'succeeded', errors: [{ code: 'E1' }] } }],
  [
    'a success with an amount that cannot be read',
    { status: 200, body: { status: 'succeeded', amount: {} } },
  ],
  [
    'a refusal with a success in it',
    { status: 200, body: { status: 'declined', data: { state: 'succeeded' } } },
  ],
  [
    'prose in an error',
    { status: 500, body: { message: 'the payment succeeded, but was not written down' } },
  ],
])('after %s', (_what, told) => {
  test('the payment is held, is not sent again, and no "not found" and no refusal fails it', async () => {
    const paymentId = await sendAndHear(told);
    expect(sendCount).toBe(1);
    expect(await world.payment(paymentId)).toMatchObject(HELD);
    expect(await letterOf(paymentId)).toMatchObject({ reason: 'outcome_unknown', action: null });

    await ask(NOT_FOUND);
    const [second] = await ask(NOT_FOUND);
    expect(second?.newDifferences).toMatchObject([
      { kind: 'status_contradiction', theirs: { status: 'not_found' } },
    ]);
    await ask(DECLINED);
    expect(await world.payment(paymentId)).toMatchObject(HELD);

    const { id } = await letterOf(paymentId);
    expect(await redriveDeadLetter(database.pool, { id, by: 'ana', reason: 'again' })).toMatchObject({
      kind: 'evidence',
      evidence: [{ source: 'attempt', what: expect.stringContaining('claimed success') }],
    });
    const verdict = {
      paymentId,
      by: 'ana',
      reason: 'ticket 7',
      evidence: 'their mail',
      gatewayReference: null,
    };
    const notExecuted = { ...verdict, outcome: 'not_executed' as const };
    expect(await resolvePayment(database.pool, notExecuted)).toMatchObject({ kind: 'evidence' });
    expect(await resolvePayment(database.pool, { ...notExecuted, mayOverrideEvidence: true })).toMatchObject({
      kind: 'resolved',
    });
  });

  test('a clear word of success settles it', async () => {
    const paymentId = await sendAndHear(told);
    await ask(SUCCEEDED);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', gatewayReference: 'gw-9' });
  });
});

test('a claim in the answer to an inquiry is evidence, even if the next answer says "not found"', async () => {
  onInquire = [CLAIM, NOT_FOUND];
  const paymentId = await sendAndHear({ status: 502, body: {} });
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  await ask(NOT_FOUND);
  await ask(NOT_FOUND);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
});

test('a claim in an answer about an unknown payment keeps it from failing', async () => {
  onInquire = [{ status: 503, body: {} }];
  const paymentId = await sendAndHear({ status: 502, body: {} });
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  await ask(CLAIM, NOT_FOUND);
  await ask(NOT_FOUND);
  await ask(NOT_FOUND);
  expect(await world.payment(paymentId)).toMatchObject(HELD);
  const { rows } = await database.pool.query(
    'select answer, error_class from payment_inquiry_answers where payment_id = $1 order by id limit 1',
    [paymentId],
  );
  expect(rows).toEqual([{ answer: 'unknown', error_class: 'claimed_success' }]);
});

describe('a claim that comes late', () => {
  const claim = {
    kind: 'unknown',
    retryAfterMs: null,
    ...describeFailure('claimed_success', 'HTTP 502', 502),
  } as const;

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
    return { payment, report: reportOf(whole, decision), decision };
  }
  /** A run that lost its worker, and the one after it. */
  async function makeTwoRuns() {
    const paymentId = await world.accept(await world.user());
    const lost = await claimOne(paymentId);
    await database.pool.query(
      `update payment_tasks set state = 'ready', locked_by = null, lease_expires_at = null where payment_id = $1`,
      [paymentId],
    );
    await database.pool.query(
      `update payment_attempts set finished_at = now(), outcome = 'abandoned' where payment_id = $1`,
      [paymentId],
    );
    return { paymentId, lost, current: await claimOne(paymentId) };
  }

  test('before the payment fails keeps it from failing', async () => {
    const { paymentId, lost, current } = await makeTwoRuns();
    expect(await recordLateResults(database.pool, [finish(lost, { pay: claim })])).toEqual([]);
    const results = await settlePayments(database.pool, [finish(current, { pay: answers.refused })]);
    expect(results).toEqual(['unknown']);
    expect(await world.payment(paymentId)).toMatchObject(HELD);
  });

  test('after the payment failed is shown to a person, and stands against a redrive', async () => {
    const { paymentId, lost, current } = await makeTwoRuns();
    await settlePayments(database.pool, [finish(current, { pay: answers.refused })]);
    expect(await recordLateResults(database.pool, [finish(lost, { pay: claim })])).toMatchObject([
      { kind: 'status_contradiction', theirs: { status: 'succeeded' } },
    ]);
    const { id } = await letterOf(paymentId);
    const redriven = await redriveDeadLetter(database.pool, { id, by: 'ana', reason: 'again' });
    expect(redriven.kind).toBe('evidence');
  });

  test('in the answer to an inquiry, after the payment failed, is shown to a person', async () => {
    onInquire = [{ status: 503, body: {} }];
    const paymentId = await sendAndHear({ status: 502, body: {} });
    const slow: PaymentGateway = {
      ...gateway,
      async inquire() {
        const by = { paymentId, by: 'ana', reason: 'r', evidence: 'e', gatewayReference: null };
        await resolvePayment(database.pool, { ...by, outcome: 'not_executed' });
        const { retryAfterMs: _, ...heard } = claim;
        return heard;
      },
    };
    await database.pool.query('update payment_inquiries set next_ask_at = now()');
    const { pool } = database;
    const [asked] = await askAboutUnknown({
      pool,
      gateway: slow,
      clock: STEADY_CLOCK,
      notFoundGraceMs: 0,
      claimMs: 60_000,
      limit: 10,
    });
    expect(asked?.newDifferences).toMatchObject([
      { kind: 'status_contradiction', source: 'inquiry', theirs: { status: 'succeeded' } },
    ]);
  });
});
