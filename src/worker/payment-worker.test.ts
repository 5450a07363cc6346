import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPaymentWorld,
  createSilentEvents,
  type PaymentWorld,
} from '../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool } from '../database/database.ts';
import { rescuePayments } from '../payments/attempt/rescue-payments.ts';
import { listAttempts } from '../payments/read/read-payments.sql.ts';

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
});
afterAll(() => database.close());

const isDone = (paymentId: bigint, status: string) => async () =>
  (await world.payment(paymentId)).status === status;
const emptyQueue = async () => (await world.count('payment_tasks')) === 0;

test('a worker carries a payment out and settles it', async () => {
  const scripted = createScriptedGateway();
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('a settled payment', isDone(paymentId, 'success'));
  await worker.stop(1000);
  expect(scripted.sent).toMatchObject([{ paymentId, amountMinor: 5000n, feeMinor: 100n, type: 'withdraw' }]);
  expect(scripted.inquired).toEqual([]);
});

test('a payment whose call may have executed is asked about before it is sent again, with the same reference', async () => {
  const scripted = createScriptedGateway();
  scripted.answerSends((_instruction, sendNumber) =>
    sendNumber === 1 ? answers.unknown : answers.succeeded,
  );
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('a settled payment', isDone(paymentId, 'success'));
  await worker.stop(1000);
  expect(scripted.inquired).toEqual([scripted.sent[0]?.reference]);
  expect(new Set(scripted.sent.map(({ reference }) => reference)).size).toBe(1);
  expect(await listAttempts(database.knex, paymentId)).toMatchObject([
    { outcome: 'unknown', inquiry: null },
    { outcome: 'succeeded', inquiry: 'not_found' },
  ]);
});

test('a refusal is not tried again', async () => {
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.refused);
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('a failed payment', isDone(paymentId, 'failed'));
  await worker.stop(1000);
  expect(scripted.sent).toHaveLength(1);
});

test('an attempt row is committed before the call goes out', async () => {
  const scripted = createScriptedGateway();
  const seen: unknown[] = [];
  scripted.answerSends(async ({ paymentId }) => {
    seen.push(await listAttempts(database.knex, paymentId));
    return answers.succeeded;
  });
  await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
  expect(seen).toMatchObject([[{ attempt: 1, outcome: null, finishedAt: null }]]);
});

test('a worker that was suspended during an inquiry does not send once its lease is over', async () => {
  const scripted = createScriptedGateway();
  const leaseMs = 1500;
  const sentOutsideLease: bigint[] = [];
  let isStopped = false;
  scripted.answerInquiries(() => {
    // As SIGSTOP does: no timer and no renewal runs meanwhile, and the answer is there when the process goes on.
    if (!isStopped) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * leaseMs);
    isStopped = true;
    return { kind: 'not_found' };
  });
  scripted.answerSends(async ({ paymentId }, sendNumber) => {
    if (sendNumber === 1) return answers.unknown;
    const { rows } = await database.pool.query(
      `select count(*)::int as count from payment_tasks where payment_id = $1 and lease_expires_at > now()`,
      [paymentId],
    );
    if (rows[0].count === 0) sentOutsideLease.push(paymentId);
    return answers.succeeded;
  });
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway, { leaseMs });
  worker.start();
  await waitUntil('a settled payment', async () => {
    await rescuePayments(database.pool, { maxRescues: 50 });
    return (await world.payment(paymentId)).status === 'success';
  });
  await worker.stop(1000);
  expect(isStopped).toBe(true);
  expect(sentOutsideLease).toEqual([]);
});

test('no transaction is open during a call', async () => {
  const scripted = createScriptedGateway();
  let calls = 0;
  scripted.answerSends(async () => {
    // The worker may just look for more to do, which ends; a transaction for this call would not, before it is answered.
    await waitUntil('a moment without an open transaction', async () => {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`,
      );
      return rows[0].count === 0;
    });
    calls += 1;
    return answers.succeeded;
  });
  await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
  expect(calls).toBe(1);
});

test('a worker that stops finishes its calls and gives back what it had not started, without using up an attempt', async () => {
  const scripted = createScriptedGateway();
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  scripted.answerSends(async () => {
    await gate;
    return answers.succeeded;
  });
  const ids = [];
  for (let made = 0; made < 6; made += 1) ids.push(await world.accept(userId));
  const worker = world.worker(scripted.gateway, { concurrency: 3, batchSize: 10 });
  worker.start();
  await waitUntil(
    'three calls and three that wait',
    () => worker.counts().calling === 3 && worker.counts().waiting === 3,
  );

  const stopped = worker.stop(30_000);
  await waitUntil('three given back', async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int as count from payment_tasks where state = 'ready'`,
    );
    return rows[0].count === 3;
  });
  release();
  await stopped;

  const statuses = await Promise.all(ids.map(async (id) => (await world.payment(id)).status));
  expect(statuses.filter((status) => status === 'success')).toHaveLength(3);
  const { rows } = await database.pool.query(
    'select distinct attempts, rescue_count, unknown_since from payment_tasks',
  );
  expect(rows).toEqual([{ attempts: 0, rescue_count: 0, unknown_since: null }]);
  expect(scripted.sent).toHaveLength(3);

  const next = world.worker(scripted.gateway);
  next.start();
  await waitUntil('an empty queue', emptyQueue);
  await next.stop(1000);
  expect(scripted.inquired).toEqual([]);
  const [firstRun] = await listAttempts(database.knex, ids[5] as bigint);
  expect(firstRun).toMatchObject({ outcome: 'not_sent' });
});

test('a long call keeps its lease for as long as the worker lives', async () => {
  const scripted = createScriptedGateway();
  scripted.answerSends(async () => {
    await new Promise((resolve) => setTimeout(resolve, 6000));
    return answers.succeeded;
  });
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway, { leaseMs: 4000 });
  worker.start();
  const sweeps = setInterval(() => void rescuePayments(database.pool, { maxRescues: 5 }), 50);
  await waitUntil('a settled payment', isDone(paymentId, 'success'));
  clearInterval(sweeps);
  await worker.stop(1000);
  expect(scripted.sent).toHaveLength(1);
  expect(await listAttempts(database.knex, paymentId)).toMatchObject([{ outcome: 'succeeded' }]);
});

test('a result whose lease was lost in the meantime is dropped and reported', async () => {
  const scripted = createScriptedGateway();
  const stale: string[] = [];
  const lost: bigint[] = [];
  scripted.answerSends(async ({ paymentId }, sendNumber) => {
    if (sendNumber > 1) return answers.succeeded;
    await database.pool.query(
      `update payment_tasks set lease_expires_at = now() - interval '1 second' where payment_id = $1`,
      [paymentId],
    );
    await rescuePayments(database.pool, { maxRescues: 5 });
    return answers.refused;
  });
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway, {
    events: createSilentEvents({
      settled: (_run, result) => stale.push(result),
      leaseLost: (id) => lost.push(id),
    }),
  });
  worker.start();
  await waitUntil('a settled payment', isDone(paymentId, 'success'));
  await worker.stop(1000);
  expect(stale).toEqual(['stale', 'succeeded']);
});

test('payments that are finished while the database is away are settled when it is back', async () => {
  const scripted = createScriptedGateway();
  const failures: boolean[] = [];
  const ownPool = createPool(database.databaseUrl, testConfig({ APP_NAME: 'cut-off' }), 'worker', () => {});
  const paymentId = await world.accept(userId);
  scripted.answerSends(async () => {
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'cut-off-worker' and datname = current_database()`,
    );
    return answers.succeeded;
  });
  const worker = world.worker(scripted.gateway, {
    pool: ownPool,
    events: createSilentEvents({ settlementFailed: ({ willRetry }) => failures.push(willRetry) }),
  });
  worker.start();
  await waitUntil('a settled payment', isDone(paymentId, 'success'));
  await worker.stop(1000);
  await ownPool.end();
  expect(failures.every((willRetry) => willRetry)).toBe(true);
  expect(scripted.sent).toHaveLength(1);
});

test('a gateway client that throws counts as a call that may have executed', async () => {
  const scripted = createScriptedGateway();
  scripted.answerSends((_instruction, sendNumber) => {
    if (sendNumber === 1) throw new Error('bug');
    return answers.succeeded;
  });
  const paymentId = await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('a settled payment', isDone(paymentId, 'success'));
  await worker.stop(1000);
  expect((await listAttempts(database.knex, paymentId))[0]).toMatchObject({
    outcome: 'unknown',
    errorClass: 'client_error',
  });
});

test('calls at once never exceed the concurrency', async () => {
  const scripted = createScriptedGateway();
  let calling = 0;
  let most = 0;
  scripted.answerSends(async () => {
    calling += 1;
    most = Math.max(most, calling);
    await new Promise((resolve) => setTimeout(resolve, 5));
    calling -= 1;
    return answers.succeeded;
  });
  for (let made = 0; made < 60; made += 1) await world.accept(userId, { amountMinor: 100n });
  const worker = world.worker(scripted.gateway, { concurrency: 7, batchSize: 20 });
  worker.start();
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
  expect(most).toBe(7);
});

test('claims stop while settlements stall, however fast the gateway answers, and go on afterwards', async () => {
  const scripted = createScriptedGateway();
  await Promise.all(Array.from({ length: 150 }, () => world.accept(userId)));
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('select from accounts where user_id = $1 for update', [userId]);
  const worker = world.worker(scripted.gateway, { concurrency: 8, batchSize: 10 });
  worker.start();
  // 8 calls, 8 that wait for one, two settlements of 10 under way and one that gathers.
  await waitUntil('a worker that holds all it may', () => worker.counts().held === 46);
  for (let polls = 0; polls < 10; polls += 1) {
    worker.wake();
    await sleep(20);
  }
  expect(worker.counts().held).toBe(46);
  const { rows } = await database.pool.query(
    `select count(*)::int as count from payment_tasks where state = 'running'`,
  );
  expect(rows).toEqual([{ count: 46 }]);

  await holder.query('commit');
  holder.release();
  await waitUntil('an empty queue', emptyQueue);
  await worker.stop(1000);
  expect(scripted.sent).toHaveLength(150);
});

test('a worker that must not send settles what it sent, gives back the rest, and goes on when it may', async () => {
  const userId = await world.user();
  let mustNotSend = false;
  const scripted = createScriptedGateway();
  const answered = Promise.withResolvers<void>();
  scripted.answerSends(async () => {
    await answered.promise;
    return answers.succeeded;
  });
  const first = await world.accept(userId);
  const second = await world.accept(userId);
  const worker = world.worker(scripted.gateway, { concurrency: 1, mustNotSend: () => mustNotSend });
  worker.start();
  await waitUntil('a call', () => scripted.sent.length === 1);
  mustNotSend = true;
  await waitUntil('claims given back', () => worker.counts().waiting === 0);
  answered.resolve();
  await waitUntil('a settled payment', async () => (await world.payment(first)).status === 'success');
  expect(scripted.sent).toHaveLength(1);
  expect(await world.payment(second)).toMatchObject({ attempts: 0, gatewayReference: null });
  mustNotSend = false;
  await waitUntil('the other one', async () => (await world.payment(second)).status === 'success');
  await worker.stop(1000);
});

test('a call that waits for its turn in the rate limit is not made if sending was stopped in the meantime', async () => {
  const paymentId = await world.accept(await world.user());
  let mustNotSend = false;
  const turn = Promise.withResolvers<boolean>();
  let isWaiting = false;
  const callBudget = {
    reserve: async (wanted: number) => wanted,
    giveBack: async () => {},
    take() {
      isWaiting = true;
      return turn.promise;
    },
    stop() {},
  };
  const scripted = createScriptedGateway();
  const worker = world.worker(scripted.gateway, { callBudget, mustNotSend: () => mustNotSend });
  worker.start();
  await waitUntil('a call that waits for its turn', () => isWaiting);
  mustNotSend = true;
  turn.resolve(true);
  await waitUntil(
    'a task that is back in the queue',
    async () => (await taskOf(paymentId)).state === 'ready',
  );
  expect(scripted.sent).toEqual([]);
  expect(await taskOf(paymentId)).toMatchObject({ attempts: 0, unknown_since: null });
  mustNotSend = false;
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  await worker.stop(1000);
});

test('a payment is not sent again after an inquiry if sending was stopped during the inquiry', async () => {
  const paymentId = await world.accept(await world.user());
  let mustNotSend = false;
  const scripted = createScriptedGateway();
  scripted.answerSends((_, sendNumber) => (sendNumber === 1 ? answers.unknown : answers.succeeded));
  scripted.answerInquiries(() => {
    mustNotSend = true;
    return { kind: 'not_found' };
  });
  const worker = world.worker(scripted.gateway, { mustNotSend: () => mustNotSend });
  worker.start();
  await waitUntil('a question', () => mustNotSend);
  await waitUntil(
    'a task that is back in the queue',
    async () => (await taskOf(paymentId)).state === 'ready',
  );
  expect(scripted.sent).toHaveLength(1);
  expect(await taskOf(paymentId)).toMatchObject({ attempts: 1, unknown_since: expect.any(Date) });
  scripted.answerInquiries(() => answers.succeeded);
  mustNotSend = false;
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  await worker.stop(1000);
});

async function taskOf(paymentId: bigint) {
  const { rows } = await database.pool.query(
    'select state, attempts, unknown_since from payment_tasks where payment_id = $1',
    [paymentId],
  );
  return rows[0];
}
