import { eventAbout, receive } from '../../../test/builders/callbacks.ts';
import { createPaymentWorld, type PaymentWorld } from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { listDeadLetters } from '../../dead-letters/list-dead-letters.sql.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import { createPaymentClaimer } from '../attempt/claim-payments.ts';
import { rescuePayments } from '../attempt/rescue-payments.ts';
import { listAttempts } from '../read/read-payments.sql.ts';
import { storeGatewayEvents } from './store-gateway-events.ts';
import { sweepGatewayEvents } from './sweep-gateway-events.ts';

let database: TestDatabase;
let world: PaymentWorld;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});
afterAll(() => database.close());

/** Lets a worker carry every waiting payment as far as the scripted gateway lets it. */
async function work(isDone: () => Promise<boolean>): Promise<void> {
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('the worker is done', isDone);
  await worker.stop(1000);
}

async function settleAs(userId: bigint, answer: (typeof answers)[keyof typeof answers]): Promise<bigint> {
  scripted.answerSends(() => answer);
  scripted.answerInquiries(() => ({ kind: 'not_found' }));
  const paymentId = await world.accept(userId);
  await work(async () => (await world.payment(paymentId)).status !== 'processing');
  return paymentId;
}

const claim = () =>
  createPaymentClaimer({ pool: database.pool, worker: 'elsewhere', leaseMs: 60_000 }).claim(50);

/** As if the process that stored the events had had its time. */
async function makeDue(): Promise<void> {
  await database.pool.query('update gateway_events set next_try_at = now() where processed_at is null');
}

async function waitForBlocked(count: number, { deadlineMs = 60_000 } = {}): Promise<void> {
  await waitUntil(
    'statements that wait for a lock',
    async () => {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0].count === count;
    },
    { deadlineMs, pauseMs: 2 },
  );
}

async function differencesOf(paymentId: bigint) {
  const { rows } = await database.pool.query(
    'select kind, source, seen_count from reconciliation_differences where payment_id = $1',
    [paymentId],
  );
  return rows;
}

async function letterOf(paymentId: bigint) {
  const { items: letters } = await listDeadLetters(database.knex, { state: 'all', limit: 100 });
  return letters.find((letter) => letter.paymentId === paymentId);
}

describe('a payment that is open', () => {
  test('is settled by a success while it waits in the queue, and leaves the queue', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    const event = await eventAbout(database.pool, paymentId, { gatewayReference: 'gw-9' });
    expect(await receive(database.pool, event)).toMatchObject({ result: 'concluded', paymentId });
    expect(await world.payment(paymentId)).toMatchObject({
      status: 'success',
      gatewayReference: 'gw-9',
      transactionStatus: 'posted',
    });
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
    expect(await claim()).toEqual([]);
  });

  test('is settled by a success while a worker calls the gateway for it', async () => {
    const paymentId = await world.accept(await world.user());
    await claim();
    await receive(database.pool, await eventAbout(database.pool, paymentId));
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', attempts: 1 });
    expect(await listAttempts(database.knex, paymentId)).toMatchObject([
      { outcome: 'abandoned', errorClass: 'overtaken', finishedAt: expect.any(Date) },
    ]);
  });

  test('fails on a refusal: its hold is released and a dead letter says why', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    const refusal = { status: 'refused' as const, message: 'card expired', gatewayReference: null };
    await receive(database.pool, await eventAbout(database.pool, paymentId, refusal));
    expect(await world.payment(paymentId)).toMatchObject({
      status: 'failed',
      lastError: 'refused: card expired',
      transactionStatus: 'voided',
    });
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
    expect(await letterOf(paymentId)).toMatchObject({ reason: 'refused', action: null });
  });

  test('fails on a refusal even if an earlier call had no answer: the event is about the payment, not about one call', async () => {
    scripted.answerSends(() => answers.unknown);
    scripted.answerInquiries(() => answers.unknown);
    const paymentId = await world.accept(await world.user());
    const worker = world.worker(scripted.gateway, {
      policy: { maxAttempts: 3, backoff: { baseMs: 60_000, maxMs: 60_000, jitterMs: 0 }, notFoundGraceMs: 1 },
    });
    worker.start();
    await waitUntil('a call without an answer', async () => (await world.payment(paymentId)).attempts === 1);
    await worker.stop(1000);
    await receive(database.pool, await eventAbout(database.pool, paymentId, { status: 'refused' }));
    expect(await world.payment(paymentId)).toMatchObject({ status: 'failed', attempts: 1 });
  });

  test('is not concluded by an event with another amount: that is recorded, and the payment goes on', async () => {
    const paymentId = await world.accept(await world.user());
    const event = await eventAbout(database.pool, paymentId, { amount: '49.99' });
    expect(await receive(database.pool, event)).toMatchObject({
      result: 'exception',
      newDifferences: [{ kind: 'amount_mismatch' }],
    });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'processing' });
    await receive(database.pool, await eventAbout(database.pool, paymentId));
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
  });
});

describe('a payment whose outcome is unknown', () => {
  test('is settled by a success; asking ends and the dead letter is resolved', async () => {
    const userId = await world.user(100_000n);
    const paymentId = await settleAs(userId, answers.unknown);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown' });
    const event = await eventAbout(database.pool, paymentId);
    expect(await receive(database.pool, event)).toMatchObject({ result: 'concluded' });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success', attempts: 3 });
    expect(await letterOf(paymentId)).toMatchObject({
      action: 'resolved',
      actionBy: 'gateway callback',
      actionReason: `event ${event.eventId}`,
    });
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
  });

  test('fails on a refusal, and its letter can be redriven', async () => {
    const paymentId = await settleAs(await world.user(), answers.unknown);
    await receive(database.pool, await eventAbout(database.pool, paymentId, { status: 'refused' }));
    expect(await world.payment(paymentId)).toMatchObject({ status: 'failed' });
    expect(await letterOf(paymentId)).toMatchObject({ reason: 'refused', action: null });
  });

  test('is settled after an operator has put it back in the queue', async () => {
    const paymentId = await settleAs(await world.user(), answers.unknown);
    const letter = await letterOf(paymentId);
    await redriveDeadLetter(database.pool, { id: letter?.id as bigint, by: 'ana', reason: null });
    expect(await receive(database.pool, await eventAbout(database.pool, paymentId))).toMatchObject({
      result: 'concluded',
    });
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
    expect(await claim()).toEqual([]);
  });
});

test('a payment that moves from the inquiries to the queue while a callback looks for it is found there', async () => {
  // On a busy machine the redrive may give up its place, which it does after half a second, and come second. Then it is done anew.
  for (let hasMoved = false, tries = 1; !hasMoved && tries <= 20; tries += 1) {
    const paymentId = await settleAs(await world.user(), answers.unknown);
    const id = (await letterOf(paymentId))?.id as bigint;
    const event = await eventAbout(database.pool, paymentId);
    const blocker = await database.pool.connect();
    await blocker.query('begin');
    await blocker.query('select from payment_dlq where id = $1 for update', [id]);
    // It holds the inquiry and waits for its letter; the callback waits for the inquiry.
    const request = { id, by: 'ana', reason: 'it will ask', mayOverrideEvidence: true };
    const redrive = redriveDeadLetter(database.pool, request);
    await waitForBlocked(1);
    const callback = receive(database.pool, event);
    await waitForBlocked(2, { deadlineMs: 5000 }).catch(() => {});
    await blocker.query('rollback');
    blocker.release();
    const { kind } = await redrive;
    expect(['redriven', 'already_handled']).toContain(kind);
    hasMoved = kind === 'redriven';
    expect(await callback).toMatchObject({ result: 'concluded' });
    expect(await claim()).toEqual([]);
  }
});

test('a payment that moves from the queue to the inquiries while a callback looks for it is found there', async () => {
  const paymentId = await world.accept(await world.user());
  await createPaymentClaimer({ pool: database.pool, worker: 'lost', leaseMs: 1 }).claim(1);
  await waitUntil(
    'a lease that has expired',
    async () => (await world.count('payment_tasks where lease_expires_at < now()')) === 1,
  );
  const event = await eventAbout(database.pool, paymentId);
  const blocker = await database.pool.connect();
  await blocker.query('begin');
  await blocker.query('select from payments where id = $1 for update', [paymentId]);
  // It holds the task and waits for the payment; the callback waits for the task.
  const rescue = rescuePayments(database.pool, { maxRescues: 0 });
  await waitForBlocked(1);
  const callback = receive(database.pool, event);
  await waitForBlocked(2);
  await blocker.query('rollback');
  blocker.release();
  expect(await rescue).toMatchObject({ poisonedPaymentIds: [paymentId] });
  expect(await callback).toMatchObject({ result: 'concluded' });
  expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
  expect(await world.count(`payment_inquiries where payment_id = ${paymentId}`)).toBe(0);
});

describe('a payment that has ended', () => {
  test('matches a callback that agrees, and nothing changes', async () => {
    const paymentId = await settleAs(await world.user(), answers.succeeded);
    const before = await world.payment(paymentId);
    const event = await eventAbout(database.pool, paymentId);
    expect(await receive(database.pool, event)).toMatchObject({ result: 'matched', newDifferences: [] });
    expect(await world.payment(paymentId)).toEqual(before);
  });

  test.each([
    ['success', answers.succeeded, 'refused'],
    ['failure', answers.refused, 'succeeded'],
  ] as const)(
    'keeps its %s against a callback that says otherwise, which is recorded',
    async (_status, answer, said) => {
      const paymentId = await settleAs(await world.user(), answer);
      const before = await world.payment(paymentId);
      for (const _repeat of [1, 2]) {
        const event = await eventAbout(database.pool, paymentId, { status: said, gatewayReference: null });
        expect(await receive(database.pool, event)).toMatchObject({ result: 'exception' });
      }
      expect(await world.payment(paymentId)).toEqual(before);
      expect(await differencesOf(paymentId)).toEqual([
        { kind: 'status_contradiction', source: 'callback', seen_count: 2 },
      ]);
    },
  );

  test('that was carried out again under another name is recorded as a duplicate', async () => {
    const paymentId = await settleAs(await world.user(), answers.succeeded);
    await receive(database.pool, await eventAbout(database.pool, paymentId, { gatewayReference: 'gw-2' }));
    expect(await differencesOf(paymentId)).toMatchObject([{ kind: 'duplicate' }]);
  });
});

describe('an event', () => {
  test('about an unknown payment is recorded', async () => {
    const paymentId = await world.accept(await world.user());
    const event = await eventAbout(database.pool, paymentId, { reference: `${paymentId}-ffffffffffff` });
    expect(await receive(database.pool, event)).toMatchObject({
      result: 'exception',
      paymentId: null,
      newDifferences: [{ kind: 'unknown_payment' }],
    });
    await receive(database.pool, await eventAbout(database.pool, paymentId));
  });

  test.each(['hello', '-1-abc', '99999999999999999999-abc', '1'])(
    'with the reference %s, which is none of ours, is recorded',
    async (reference) => {
      const event = { ...(await eventAbout(database.pool, 1n)), reference };
      expect(await receive(database.pool, { ...event, amount: '1', currency: 'USD' })).toMatchObject({
        newDifferences: [{ kind: 'unknown_payment', reference }],
      });
    },
  );

  test('that comes twice has its effect once', async () => {
    const paymentId = await world.accept(await world.user());
    const event = await eventAbout(database.pool, paymentId);
    expect(await receive(database.pool, event)).toMatchObject({ result: 'concluded' });
    expect(await receive(database.pool, event)).toBeUndefined();
    const stored = await storeGatewayEvents(database.pool, [event, event]);
    expect(stored).toEqual({ results: ['duplicate', 'duplicate'], newDifferences: [] });
    expect(await differencesOf(paymentId)).toEqual([]);
  });

  test('that reuses an id with other contents is recorded, not applied and not dropped', async () => {
    const paymentId = await world.accept(await world.user());
    const event = await eventAbout(database.pool, paymentId);
    const other = { ...event, status: 'refused' as const };
    const { results, newDifferences } = await storeGatewayEvents(database.pool, [event, other]);
    expect(results).toEqual(['stored', 'duplicate']);
    expect(newDifferences).toMatchObject([{ kind: 'duplicate', theirs: { status: 'refused' } }]);
    await receive(database.pool, other);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'success' });
  });

  test('whose process died after storing it is processed by a sweep, once', async () => {
    const paymentIds = await Promise.all(
      Array.from({ length: 12 }, async () => await world.accept(await world.user())),
    );
    const events = await Promise.all(paymentIds.map((id) => eventAbout(database.pool, id)));
    await storeGatewayEvents(database.pool, events);
    expect(await sweepGatewayEvents(database.pool, { limit: 5, claimMs: 1 })).toMatchObject({
      takenCount: 0,
    });
    await makeDue();
    const sweeps = await Promise.all(
      [1, 2, 3].map(() => sweepGatewayEvents(database.pool, { limit: 5, claimMs: 60_000 })),
    );
    const rest = await sweepGatewayEvents(database.pool, { limit: 50, claimMs: 60_000 });
    expect([...sweeps, rest].flatMap(({ processed }) => processed)).toHaveLength(12);
    for (const id of paymentIds) expect(await world.payment(id)).toMatchObject({ status: 'success' });
    expect(await sweepGatewayEvents(database.pool, { limit: 50, claimMs: 1 })).toMatchObject({
      takenCount: 0,
    });
  });

  test('whose processing fails is postponed with the reason, and the others are processed', async () => {
    const broken = await world.accept(await world.user());
    const sound = await world.accept(await world.user());
    // Neither in the queue nor asked about: a state that must not exist.
    await database.pool.query('delete from payment_tasks where payment_id = $1', [broken]);
    const events = await Promise.all([broken, sound].map((id) => eventAbout(database.pool, id)));
    await storeGatewayEvents(database.pool, events);
    await makeDue();
    const swept = await sweepGatewayEvents(database.pool, { limit: 50, claimMs: 1 });
    expect(swept.processed).toMatchObject([{ paymentId: sound, result: 'concluded' }]);
    expect(swept.failed).toMatchObject([{ eventId: events[0]?.eventId }]);
    const { rows } = await database.pool.query(
      'select try_count, last_error, next_try_at > now() as is_put_off from gateway_events where payment_id = $1',
      [broken],
    );
    expect(rows).toEqual([
      { try_count: 1, last_error: expect.stringContaining('neither in the queue'), is_put_off: true },
    ]);
  });
});
