import { createPaymentClaimer } from '../../src/payments/attempt/claim-payments.ts';
import { rescuePayments } from '../../src/payments/attempt/rescue-payments.ts';
import { type FinishedRun, settlePayments } from '../../src/payments/conclude/settle-payments.ts';
import { renewLeases } from '../../src/queue/leases.sql.ts';
import { claimPayments } from '../builders/claim-payments.ts';
import { createPaymentWorld, createSilentEvents, type PaymentWorld } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;

beforeEach(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(() => database.close());

const isSettled = async (paymentId: bigint) => (await world.payment(paymentId)).status === 'success';

async function acceptFor(userCount: number): Promise<{ unlucky: bigint; others: bigint[] }> {
  const ids: bigint[] = [];
  for (let count = 0; count < userCount; count += 1) ids.push(await world.accept(await world.user()));
  const [unlucky = 0n, ...others] = ids;
  return { unlucky, others };
}

describe.each([
  ['wallet', 'select from accounts where id = (select wallet_id from payments where id = $1) for update'],
  ['payment', 'select from payments where id = $1 for update'],
  ['attempt', 'select from payment_attempts where payment_id = $1 for update'],
])('while somebody has the %s of a payment that is settled', (_row, statement) => {
  test('its neighbours are settled, and so is it once the lock is released', async () => {
    const { unlucky, others } = await acceptFor(20);
    const scripted = createScriptedGateway();
    // The answers come when the row is locked, all at once, so that they are settled in one batch.
    let holder: Awaited<ReturnType<typeof holdRows>> | undefined;
    const isLocked = waitUntil('all calls at the gateway', async () => {
      if (scripted.sent.length < 20) return undefined;
      holder ??= await holdRows(database.databaseUrl, statement, [unlucky]);
      return true;
    });
    scripted.answerSends(async () => {
      await isLocked;
      return { kind: 'succeeded', gatewayReference: 'gw', httpStatus: 200 };
    });
    const deferred: bigint[] = [];
    const worker = world.worker(scripted.gateway, {
      concurrency: 32,
      events: createSilentEvents({ deferred: ({ payment }) => deferred.push(payment.paymentId) }),
    });
    worker.start();
    await waitUntil('settled neighbours', async () =>
      (await Promise.all(others.map(isSettled))).every(Boolean),
    );
    await waitUntil('one that is set aside', () => deferred.length > 0);
    // Again and again, for as long as the row is held.
    expect(new Set(deferred)).toEqual(new Set([unlucky]));
    expect(await isSettled(unlucky)).toBe(false);
    await holder?.letGo();
    await waitUntil('the one that had to wait', () => isSettled(unlucky));
    await worker.stop(1000);
    expect(scripted.sent).toHaveLength(20);
    expect(await world.violations()).toEqual([]);
  });
});

test('a settlement that waits for a payment has not yet locked what comes after it', async () => {
  const { pool } = database;
  const [first, second] = [await world.accept(await world.user()), await world.accept(await world.user())];
  const claimed = await claimPayments(pool, { worker: 'w', limit: 2, leaseMs: 60_000 });
  const runs = claimed.map(
    (payment): FinishedRun => ({
      payment,
      report: {
        outcome: 'succeeded',
        inquiry: null,
        httpStatus: 200,
        errorClass: null,
        error: null,
        latencyMs: 1,
      },
      decision: { kind: 'succeeded', gatewayReference: 'gw' },
    }),
  );
  const holder = await holdRows(database.databaseUrl, 'select from payments where id = $1 for update', [
    second,
  ]);
  const settled = settlePayments(pool, runs);
  await waitUntil('a settlement that waits', async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return rows.length > 0;
  });
  const { rows: free } = await pool.query(
    'select payment_id as id from payment_attempts where payment_id = any ($1) for update skip locked',
    [[first, second]],
  );
  await holder.letGo();
  expect(await settled).toEqual(['succeeded', 'succeeded']);
  expect(free).toHaveLength(2);
});

test('a payment whose wallet stays locked goes back to the queue with its answer, and does not keep a worker from stopping', async () => {
  const { unlucky } = await acceptFor(1);
  const { rows } = await database.pool.query('select wallet_id from payments where id = $1', [unlucky]);
  const holder = await holdRows(database.databaseUrl, 'select from accounts where id = $1 for update', [
    rows[0].wallet_id,
  ]);
  const deferred: bigint[] = [];
  const worker = world.worker(createScriptedGateway().gateway, {
    events: createSilentEvents({ deferred: ({ payment }) => deferred.push(payment.paymentId) }),
  });
  worker.start();
  await waitUntil('a run that is set aside', () => deferred.length > 0);
  await worker.stop(30_000);
  const { rows: attempts } = await database.pool.query(
    'select outcome from payment_attempts where payment_id = $1',
    [unlucky],
  );
  expect(attempts).toEqual([{ outcome: 'succeeded' }]);
  const { rows: tasks } = await database.pool.query(
    'select state, attempts, rescue_count, unknown_since is not null as asks from payment_tasks where payment_id = $1',
    [unlucky],
  );
  expect(tasks).toEqual([{ state: 'ready', attempts: 0, rescue_count: 0, asks: true }]);

  await holder.letGo();
  await database.pool.query('update payment_tasks set run_at = now()');
  const scripted = createScriptedGateway();
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
  const next = world.worker(scripted.gateway);
  next.start();
  await waitUntil('a settled payment', () => isSettled(unlucky));
  await next.stop(1000);
  expect(scripted.sent).toEqual([]);
  expect(await world.violations()).toEqual([]);
});

test('a worker that meets one locked wallet after another goes on with the rest', async () => {
  const unluckyUser = await world.user();
  for (let count = 0; count < 30; count += 1) await world.accept(unluckyUser, { amountMinor: 1n });
  const { others } = await acceptFor(21);
  const holder = await holdRows(database.databaseUrl, 'select from accounts where user_id = $1 for update', [
    unluckyUser,
  ]);
  const worker = world.worker(createScriptedGateway().gateway, {
    batchSize: 4,
    concurrency: 4,
    leaseMs: 3000,
  });
  worker.start();
  await waitUntil('settled neighbours', async () =>
    (await Promise.all(others.map(isSettled))).every(Boolean),
  );
  await worker.stop(5000);
  await holder.letGo();
});

test('while one task is locked the leases of the others are renewed', async () => {
  const { unlucky } = await acceptFor(5);
  const claimed = await claimPayments(database.pool, { worker: 'w', limit: 5, leaseMs: 20_000 });
  const holder = await holdRows(
    database.databaseUrl,
    'select from payment_tasks where payment_id = $1 for update',
    [unlucky],
  );
  const runs = [...claimed.map(({ task }) => task), { userId: 1n, paymentId: 999n, runLease: 1n }];
  const { held, busy } = await renewLeases(database.pool, runs, 60_000);
  await holder.letGo();
  expect(held.size).toBe(4);
  expect([...busy]).toEqual([unlucky]);
  const { rows } = await database.pool.query(
    `select count(*)::int as count from payment_tasks where lease_expires_at > now() + interval '30 s'`,
  );
  expect(rows).toEqual([{ count: 4 }]);
});

describe('a sweep of expired leases', () => {
  test.each([
    [
      'that the database refuses',
      `insert into payment_inquiries (payment_id, user_id, next_ask_at) select id, user_id, now() from payments where id = $1`,
      true,
    ],
    ['whose payment somebody has', 'select from payments where id = $1 for update', false],
  ])('rescues the others when there is one %s', async (_what, statement, isWritten) => {
    const { unlucky, others } = await acceptFor(8);
    await claimPayments(database.pool, { worker: 'lost', limit: 8, leaseMs: 1 });
    const holder = isWritten ? undefined : await holdRows(database.databaseUrl, statement, [unlucky]);
    if (isWritten) await database.pool.query(statement, [unlucky]);
    const failed: bigint[] = [];
    // All of them are poison, which writes most.
    const { poisonedPaymentIds } = await rescuePayments(database.pool, {
      maxRescues: 0,
      onFailed: (paymentId) => failed.push(paymentId),
    });
    await holder?.letGo();
    expect(failed).toEqual([unlucky]);
    expect([...poisonedPaymentIds].sort()).toEqual([...others].sort());
  });
});

test('claims whose payments cannot be read are given back at once', async () => {
  const { unlucky } = await acceptFor(3);
  const failing = {
    query: (query: { name?: string }, ...rest: unknown[]) =>
      query.name === 'payments-read-instructions'
        ? Promise.reject(new Error('the connection is gone'))
        : (database.pool.query as (...parameters: unknown[]) => unknown)(query, ...rest),
  };
  const claimer = createPaymentClaimer({ pool: failing as never, worker: 'w', leaseMs: 60_000 });
  await expect(claimer.claim(10)).rejects.toThrow('gone');
  const { rows } = await database.pool.query(
    'select state, attempts, rescue_count from payment_tasks where payment_id = $1',
    [unlucky],
  );
  expect(rows).toEqual([{ state: 'ready', attempts: 0, rescue_count: 0 }]);
});
