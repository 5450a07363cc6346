import { setTimeout as sleep } from 'node:timers/promises';
import { eventAbout, receive } from '../../../test/builders/callbacks.ts';
import {
  createPaymentWorld,
  createSilentEvents,
  type PaymentWorld,
  STEADY_CLOCK,
} from '../../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { redriveDeadLetter } from '../../dead-letters/redrive-dead-letter.ts';
import { createPaymentClaimer } from '../attempt/claim-payments.ts';
import { rescuePayments } from '../attempt/rescue-payments.ts';
import type { GatewayEvent } from '../callbacks/gateway-event.ts';
import { processGatewayEvents } from '../callbacks/process-gateway-events.ts';
import { storeGatewayEvents } from '../callbacks/store-gateway-events.ts';
import { askAboutUnknown } from '../unknown/ask-about-unknown.ts';
import { resolvePayment } from '../unknown/resolve-payment.ts';

const COUNT = 60;

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
  expect(await world.violations()).toEqual([]);
  expect(await world.count('payment_tasks')).toBe(0);
  expect(await world.count('payment_inquiries')).toBe(0);
  expect(await world.count('payment_attempts where outcome is null')).toBe(0);
  expect(await world.count('gateway_events where processed_at is null')).toBe(0);
});
afterAll(() => database.close());

const LANES = 6;

/** A few at a time: on a slow machine, nobody must wait for a connection longer than connections are waited for. */
async function forEachOf<Result>(
  paymentIds: readonly bigint[],
  work: (paymentId: bigint) => Promise<Result>,
): Promise<Result[]> {
  const rest = [...paymentIds];
  const results: Result[] = [];
  const lane = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) results.push(await work(next));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

const shortPause = () => sleep(Math.random() * 12);

/** Deposits and withdrawals of a few users, so that payments also meet on their wallets. */
async function acceptMany(): Promise<bigint[]> {
  const userIds = await Promise.all([1, 2, 3].map(() => world.user(10_000_000n)));
  return await Promise.all(
    Array.from({ length: COUNT }, (_, index) =>
      world.accept(userIds[index % 3] as bigint, { type: index % 2 === 0 ? 'deposit' : 'withdraw' }),
    ),
  );
}

async function makeManyUnknown(): Promise<bigint[]> {
  scripted.answerSends(() => answers.unknown);
  const paymentIds = await acceptMany();
  await drain({ policy: { ...POLICY, maxAttempts: 1 } });
  await database.pool.query('update payment_inquiries set next_ask_at = now()');
  return paymentIds;
}

const POLICY = { maxAttempts: 3, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 10_000 };

async function drain(changes: Parameters<PaymentWorld['worker']>[1] = {}): Promise<void> {
  const worker = world.worker(scripted.gateway, changes);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await waitUntil('nothing held', async () => worker.counts().held === 0);
  await worker.stop(5000);
}

/** How each payment ended: its status, how often its money was moved or released, and what differed. */
async function outcomesOf(paymentIds: readonly bigint[]) {
  const { rows } = await database.pool.query(
    `select payment.id, payment.status,
            (select count(*)::int from ledger_transactions as posted
             where posted.reference = 'payment:' || payment.id) as postings,
            (select count(*)::int from holds where subject_id = payment.id) as holds,
            (select count(*)::int from reconciliation_differences as difference
             where difference.payment_id = payment.id) as differences
     from payments as payment
     where payment.id = any ($1::bigint[])`,
    [paymentIds],
  );
  return rows as { id: bigint; status: string; postings: number; holds: number; differences: number }[];
}

async function expectEndedOnce(paymentIds: readonly bigint[], { differences }: { differences: number }) {
  const outcomes = await outcomesOf(paymentIds);
  expect(outcomes).toHaveLength(paymentIds.length);
  for (const outcome of outcomes) {
    expect(['success', 'failed']).toContain(outcome.status);
    const postings = outcome.status === 'success' ? 1 : 0;
    expect(outcome).toMatchObject({ postings, holds: 0, differences });
  }
  return outcomes;
}

/** A payment that may not fail, because a callback that waits says otherwise, leaves the queue as unknown. */
async function waitUntilOutOfQueue(paymentId: bigint): Promise<void> {
  await waitUntil('a payment that has left the queue', async () =>
    ['success', 'failed', 'unknown'].includes((await world.payment(paymentId)).status),
  );
}

async function letterIdOf(paymentId: bigint): Promise<bigint> {
  const { rows } = await database.pool.query(
    'select id from payment_dlq where payment_id = $1 order by id desc limit 1',
    [paymentId],
  );
  return rows[0].id;
}

test.each<[GatewayEvent['status'], keyof typeof answers, number, string]>([
  ['succeeded', 'succeeded', 0, 'matched'],
  ['refused', 'refused', 0, 'matched'],
  // A success that waits keeps the refusal from ending the payment, so the callback always ends it.
  ['succeeded', 'refused', 1, 'concluded'],
  ['refused', 'succeeded', 1, 'exception'],
])(
  'a callback that says %s and an answer that says %s at the same moment end the payment once, with %i differences',
  async (said, answered, differences, lateResult) => {
    const callbacks: Promise<unknown>[] = [];
    const reported: unknown[] = [];
    const results: (string | undefined)[] = [];
    scripted.answerSends(async ({ paymentId }) => {
      const event = await eventAbout(database.pool, paymentId, { status: said });
      await storeGatewayEvents(database.pool, [event]);
      // Processed by two processes at once, as after a duplicate delivery.
      const callback = async () => {
        const both = await Promise.all([1, 2].map(() => processGatewayEvents(database.pool, [event])));
        results.push(...both.flatMap(({ processed }) => processed.map(({ result }) => result)));
      };
      // A third of the callbacks come first, a third come last, and a third race.
      const order = paymentId % 3n;
      if (order === 0n) await callback();
      else if (order === 1n) callbacks.push(waitUntilOutOfQueue(paymentId).then(callback));
      else {
        callbacks.push(sleep(Math.random() * 5).then(callback));
        await sleep(Math.random() * 15);
      }
      return answers[answered];
    });
    const paymentIds = await acceptMany();
    await drain({ events: createSilentEvents({ differencesFound: (found) => reported.push(...found) }) });
    await Promise.all(callbacks);
    const outcomes = await expectEndedOnce(paymentIds, { differences });
    expect(results).toHaveLength(COUNT);
    expect(new Set(results)).toEqual(new Set(['concluded', lateResult]));
    if (differences === 0) {
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(
        new Set([said === 'succeeded' ? 'success' : 'failed']),
      );
      expect(reported).toEqual([]);
    }
  },
);

test('a callback and an operator who puts the payment back in the queue', async () => {
  const paymentIds = await makeManyUnknown();
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
  await forEachOf(paymentIds, (paymentId) =>
    Promise.all([
      shortPause().then(async () => receive(database.pool, await eventAbout(database.pool, paymentId))),
      shortPause().then(async () =>
        redriveDeadLetter(database.pool, { id: await letterIdOf(paymentId), by: 'ana', reason: null }),
      ),
    ]),
  );
  await drain();
  const outcomes = await expectEndedOnce(paymentIds, { differences: 0 });
  for (const { status } of outcomes) expect(status).toBe('success');
});

test('a callback and an operator who resolves the payment the same way', async () => {
  const paymentIds = await makeManyUnknown();
  const resolutions = await forEachOf(paymentIds, async (paymentId) => {
    const callback = shortPause().then(async () =>
      receive(database.pool, await eventAbout(database.pool, paymentId)),
    );
    await shortPause();
    const resolution = await resolve(paymentId, 'executed');
    await callback;
    return resolution.kind;
  });
  await expectEndedOnce(paymentIds, { differences: 0 });
  expect(await world.count(`payment_resolutions where outcome = 'executed'`)).toBe(
    resolutions.filter((kind) => kind === 'resolved').length,
  );
});

test('a callback and an operator who resolves the payment the other way: the second of the two is recorded', async () => {
  const paymentIds = await makeManyUnknown();
  await forEachOf(paymentIds, async (paymentId) => {
    const callback = shortPause().then(async () =>
      receive(database.pool, await eventAbout(database.pool, paymentId)),
    );
    await shortPause();
    const { kind } = await resolve(paymentId, 'not_executed');
    await callback;
    // Whoever resolves a payment that the gateway has told of meanwhile is told so.
    const [outcome] = await outcomesOf([paymentId]);
    expect(outcome).toMatchObject(
      kind === 'resolved'
        ? { status: 'failed', differences: 1 }
        : { status: 'success', differences: 0, postings: 1 },
    );
  });
});

test('an inquiry, a callback and two operators at once', async () => {
  const paymentIds = await makeManyUnknown();
  scripted.answerInquiries(async () => {
    await shortPause();
    return { kind: 'succeeded', gatewayReference: 'gw' };
  });
  const asking = Promise.all(
    [1, 2].map(() =>
      askAboutUnknown({
        pool: database.pool,
        gateway: scripted.gateway,
        clock: STEADY_CLOCK,
        notFoundGraceMs: 0,
        claimMs: 60_000,
        limit: 10,
      }),
    ),
  );
  const resolutions = await forEachOf(paymentIds, async (paymentId) => {
    const callback = shortPause().then(async () =>
      receive(database.pool, await eventAbout(database.pool, paymentId)),
    );
    await shortPause();
    const both = await Promise.all([resolve(paymentId, 'executed'), resolve(paymentId, 'executed')]);
    await callback;
    return both.filter(({ kind }) => kind === 'resolved').length;
  });
  await asking;
  expect(Math.max(...resolutions)).toBeLessThanOrEqual(1);
  await expectEndedOnce(paymentIds, { differences: 0 });
});

test.each([
  ['back to the queue', 5],
  ['to the dead letters as poison', 0],
])('a callback and a rescue that sends the payment %s', async (_where, maxRescues) => {
  const paymentIds = await acceptMany();
  await createPaymentClaimer({ pool: database.pool, worker: 'lost', leaseMs: 1 }).claim(COUNT);
  await waitUntil(
    'leases that have expired',
    async () => (await world.count('payment_tasks where lease_expires_at >= now()')) === 0,
  );
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
  await Promise.all([
    ...[1, 2].map(() => shortPause().then(() => rescuePayments(database.pool, { maxRescues }))),
    forEachOf(paymentIds, async (paymentId) =>
      receive(database.pool, await eventAbout(database.pool, paymentId)),
    ),
  ]);
  await expectEndedOnce(paymentIds, { differences: 0 });
});

function resolve(paymentId: bigint, outcome: 'executed' | 'not_executed') {
  return resolvePayment(database.pool, {
    paymentId,
    outcome,
    by: 'ana',
    reason: 'the gateway told me',
    evidence: 'ticket 7',
    gatewayReference: null,
  });
}
