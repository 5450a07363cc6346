import { createPaymentWorld, type PaymentWorld, STEADY_CLOCK } from '../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { type BreakerChange, createCircuitBreaker } from '../gateway/health/circuit-breaker.ts';
import { probeByInquiry } from '../gateway/health/probe-by-inquiry.ts';
import type { PayOutcome } from '../gateway/port/payment-gateway.ts';
import { askAboutUnknown } from '../payments/unknown/ask-about-unknown.ts';

let database: TestDatabase;
let world: PaymentWorld;
let userId: bigint;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
beforeEach(async () => {
  userId = await world.user(1_000_000n);
});
afterEach(async () => {
  expect(await world.count('payment_tasks')).toBe(0);
  expect(await world.violations()).toEqual([]);
  await database.pool.query('delete from payment_dlq');
});
afterAll(() => database.close());

const emptyQueue = async () => (await world.count('payment_tasks')) === 0;
const down: Record<string, PayOutcome> = {
  refusedConnection: answers.notExecuted,
  tooManyCalls: { ...answers.notExecuted, errorClass: 'rate_limited' },
  wrongKey: { ...answers.unknown, errorClass: 'unauthorized' },
  timeout: answers.unknown,
};

function makeBreaker(changes: BreakerChange[] = [], probeMaxMs = 20) {
  return createCircuitBreaker({
    policy: { failureShare: 0.9, minCalls: 4, windowCalls: 10, probeMs: 5, probeMaxMs },
    onChange: (change) => changes.push(change),
  });
}

async function accept(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => world.accept(userId, { amountMinor: 100n })));
}

async function tasks() {
  const { rows } = await database.pool.query(
    'select state, attempts, run_lease, rescue_count from payment_tasks order by payment_id',
  );
  return rows;
}

test.each(Object.keys(down))(
  'an outage (%s) of many probes sends no payment to the dead letters, and all are settled when it ends',
  async (kind) => {
    const scripted = createScriptedGateway();
    let isDown = true;
    scripted.answerSends(() => (isDown ? (down[kind] as PayOutcome) : answers.succeeded));
    scripted.answerInquiries(() =>
      isDown
        ? { kind: 'unknown', errorClass: 'timeout', message: '', httpStatus: null }
        : { kind: 'not_found' },
    );
    const changes: BreakerChange[] = [];
    // Three attempts each, as by default: a probe that counted would use them up many times over.
    await accept(6);
    const worker = world.worker(scripted.gateway, { breaker: makeBreaker(changes) });
    worker.start();
    await waitUntil('forty probes', () => changes.filter(({ to }) => to === 'half_open').length >= 40);
    expect(await world.count('payment_dlq')).toBe(0);
    expect(Math.max(...(await tasks()).map(({ attempts }) => attempts))).toBeLessThan(3);
    isDown = false;
    await waitUntil('an empty queue', emptyQueue);
    await worker.stop(1000);
    expect(await world.count('payment_dlq')).toBe(0);
    expect(changes.at(-1)?.to).toBe('closed');
  },
);

test('while the gateway is down no claim is kept, and one call at a time is sent', async () => {
  const scripted = createScriptedGateway();
  let isDown = true;
  let calling = 0;
  let mostWhileOpen = 0;
  const breaker = makeBreaker();
  scripted.answerSends(async () => {
    calling += 1;
    if (!breaker.isClosed()) mostWhileOpen = Math.max(mostWhileOpen, calling);
    await new Promise((resolve) => setTimeout(resolve, 10));
    calling -= 1;
    return isDown ? answers.notExecuted : answers.succeeded;
  });
  await accept(100);
  const worker = world.worker(scripted.gateway, { breaker, concurrency: 10 });
  worker.start();
  await waitUntil('an open breaker', () => !breaker.isClosed());
  await waitUntil('the calls in flight to end', () => worker.counts().held <= 1 && calling <= 1);
  const callsBefore = scripted.sent.length;
  mostWhileOpen = 0;
  await waitUntil('ten probes', () => scripted.sent.length >= callsBefore + 10);
  expect(mostWhileOpen).toBe(1);
  const untouched = (await tasks()).filter(({ attempts }) => attempts === 0);
  expect(untouched.length).toBeGreaterThan(80);
  expect(untouched.every(({ rescue_count }) => rescue_count === 0)).toBe(true);
  isDown = false;
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
});

test('probes go to one payment after another', async () => {
  const scripted = createScriptedGateway();
  let isDown = true;
  scripted.answerSends(() => (isDown ? answers.notExecuted : answers.succeeded));
  await accept(20);
  const breaker = makeBreaker();
  const worker = world.worker(scripted.gateway, { breaker, concurrency: 4 });
  worker.start();
  await waitUntil('an open breaker', () => !breaker.isClosed());
  await waitUntil(
    'a probe of each payment',
    () => new Set(scripted.sent.map((sent) => sent.paymentId)).size === 20,
  );
  isDown = false;
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
});

test('refusals are no outage, however many there are', async () => {
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.refused);
  const changes: BreakerChange[] = [];
  await accept(30);
  const worker = world.worker(scripted.gateway, { breaker: makeBreaker(changes) });
  worker.start();
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
  expect(changes).toEqual([]);
});

test('after an outage calls start again a few at a time', async () => {
  const scripted = createScriptedGateway();
  const breaker = makeBreaker([], 1);
  let isDown = true;
  let calling = 0;
  const calls: number[] = [];
  scripted.answerSends(async () => {
    calling += 1;
    if (!isDown) calls.push(calling);
    await new Promise((resolve) => setTimeout(resolve, 20));
    calling -= 1;
    return isDown ? answers.notExecuted : answers.succeeded;
  });
  await accept(60);
  const worker = world.worker(scripted.gateway, { breaker, concurrency: 16 });
  worker.start();
  await waitUntil('an open breaker', () => !breaker.isClosed());
  await waitUntil('no call', () => calling === 0);
  isDown = false;
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
  // The probe alone, then two, then one more for each answer.
  for (const [index, most] of [1, 1, 2].entries()) expect(calls[index]).toBeLessThanOrEqual(most);
  expect(Math.max(...calls.slice(0, 8))).toBeLessThan(8);
});

test('a task that lost a worker can be a probe, too, so that it cannot keep the breaker open', async () => {
  const scripted = createScriptedGateway();
  let isDown = true;
  scripted.answerInquiries(() =>
    isDown
      ? { kind: 'unknown', errorClass: 'timeout', message: '', httpStatus: null }
      : { kind: 'not_found' },
  );
  const paymentId = await world.accept(userId);
  await database.pool.query(
    'update payment_tasks set rescue_count = 1, unknown_since = now() where payment_id = $1',
    [paymentId],
  );
  const breaker = makeBreaker();
  for (let call = 0; call < 4; call += 1) breaker.record(breaker.ticket(), answers.unknown);
  const worker = world.worker(scripted.gateway, { breaker });
  worker.start();
  await waitUntil('a probe', () => scripted.inquired.length > 2);
  isDown = false;
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
});

test('an inquiry about an unknown payment is the probe if it comes first', async () => {
  const scripted = createScriptedGateway();
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway, {
    policy: { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 1, jitterMs: 0 }, notFoundGraceMs: 0 },
  });
  scripted.answerSends(() => answers.unknown);
  worker.start();
  await waitUntil('an unknown payment', async () => (await world.payment(paymentId)).status === 'unknown');
  await worker.stop(1000);

  const changes: BreakerChange[] = [];
  const breaker = makeBreaker(changes);
  for (let call = 0; call < 4; call += 1) breaker.record(breaker.ticket(), answers.unknown);
  await waitUntil('a probe to be due', () => breaker.isProbeDue());
  await database.pool.query('update payment_inquiries set next_ask_at = now()');
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
  await askAboutUnknown({
    pool: database.pool,
    gateway: probeByInquiry(scripted.gateway, breaker),
    clock: STEADY_CLOCK,
    notFoundGraceMs: 0,
    claimMs: 1000,
    limit: 1,
  });
  expect(changes.map(({ to }) => to)).toEqual(['open', 'half_open', 'closed']);
  expect((await world.payment(paymentId)).status).toBe('success');
});
