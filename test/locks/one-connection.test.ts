import { createPool, type Pool } from '../../src/database/database.ts';
import { insertBulkRedrive } from '../../src/dead-letters/bulk-redrives.sql.ts';
import { discardDeadLetter } from '../../src/dead-letters/discard-dead-letter.ts';
import { redriveDeadLetter } from '../../src/dead-letters/redrive-dead-letter.ts';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { rescuePayments } from '../../src/payments/attempt/rescue-payments.ts';
import { askAboutUnknown } from '../../src/payments/unknown/ask-about-unknown.ts';
import { resolvePayment } from '../../src/payments/unknown/resolve-payment.ts';
import { createSteadyClock } from '../../src/payments/unknown/steady-clock.ts';
import { postToSuspense } from '../../src/reconciliation/post-to-suspense.ts';
import { eventAbout, receive } from '../builders/callbacks.ts';
import { claimPayments } from '../builders/claim-payments.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { runBulkRedriveSlice } from '../support/bulk-redrive-slice.ts';
import { createDatabaseProxy, type DatabaseProxy, isCommit } from '../support/database-proxy.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * A command that takes a second connection while it holds the first waits for itself when the pool has no other. Here the pool
 * has one, and each test has a pool that remembers nothing.
 */
let database: TestDatabase;
let proxy: DatabaseProxy;
let world: PaymentWorld;
let one: Pool;
let onOne: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await createDatabaseProxy(database.databaseUrl);
  world = createPaymentWorld(database);
});
beforeEach(() => {
  const few = { DATABASE_POOL_SIZE: '1', DATABASE_CONNECT_TIMEOUT_SECONDS: '8' };
  one = createPool(proxy.url, testConfig(few), 'one', () => {});
  onOne = createPaymentWorld({ ...database, pool: one });
});
afterEach(async () => {
  proxy.reset();
  await one.end();
});
afterAll(async () => {
  await proxy.cut();
  await database.close();
});

async function deadLetter(answer: 'refused' | 'unknown'): Promise<{ id: bigint; paymentId: bigint }> {
  const paymentId = await world.accept(await world.user());
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers[answer]);
  const policy = { maxAttempts: 1, backoff: { baseMs: 1, maxMs: 5, jitterMs: 1 }, notFoundGraceMs: 0 };
  const worker = world.worker(scripted.gateway, { policy });
  worker.start();
  const letter = await waitUntil('a dead letter', async () => {
    const { rows } = await database.pool.query('select id from payment_dlq where payment_id = $1', [
      paymentId,
    ]);
    return rows[0];
  });
  await worker.stop(1000);
  return { id: letter.id, paymentId };
}

test('a user is created, and a payment accepted and settled', async () => {
  const paymentId = await onOne.accept(await onOne.user());
  const worker = onOne.worker(createScriptedGateway().gateway);
  worker.start();
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  await worker.stop(1000);
});

test('a COMMIT that is lost is read back', async () => {
  const userId = await world.user();
  proxy.once(isCommit, 'cut-after-answer');
  const paymentId = await onOne.accept(userId);
  expect((await world.payment(paymentId)).status).toBe('processing');
});

test('a dead letter is redriven and discarded', async () => {
  const { id } = await deadLetter('refused');
  expect(await redriveDeadLetter(one, { id, by: 'ana', reason: null })).toMatchObject({ kind: 'redriven' });
  const other = await deadLetter('refused');
  expect(await discardDeadLetter(one, { id: other.id, by: 'ana', reason: 'x' })).toEqual({
    kind: 'discarded',
    paymentId: other.paymentId,
  });
});

test('many dead letters are redriven', async () => {
  const { id } = await deadLetter('refused');
  const filter = { letterIds: [id] };
  await insertBulkRedrive(one, { filter, perSecond: 10, by: 'ana', reason: 'x' });
  const slice = await runBulkRedriveSlice(one, { onLetterFailed() {} });
  expect(slice?.counts).toMatchObject({ redriven: 1 });
});

test('an unknown payment is resolved, asked about and reported by a callback', async () => {
  const [first, second, third] = [
    await deadLetter('unknown'),
    await deadLetter('unknown'),
    await deadLetter('unknown'),
  ];
  const resolution = {
    paymentId: first.paymentId,
    outcome: 'executed',
    by: 'ana',
    reason: 'x',
    evidence: 'y',
  } as const;
  expect(await resolvePayment(one, { ...resolution, gatewayReference: null })).toMatchObject({
    kind: 'resolved',
  });
  const event = await eventAbout(database.pool, second.paymentId);
  expect(await receive(one, event)).toMatchObject({ result: 'concluded' });
  await database.pool.query('update payment_inquiries set next_ask_at = now()');
  const scripted = createScriptedGateway();
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
  const options = {
    pool: one,
    gateway: scripted.gateway,
    clock: createSteadyClock({ queryable: one }),
    notFoundGraceMs: 0,
    claimMs: 1000,
    limit: 10,
  };
  const asked = await askAboutUnknown(options);
  expect(asked.map(({ paymentId }) => paymentId)).toContain(third.paymentId);
});

test('runs that lost their worker are rescued', async () => {
  const paymentId = await world.accept(await world.user());
  await claimPayments(database.pool, { worker: 'lost', limit: 100, leaseMs: 1 });
  const { poisonedPaymentIds } = await rescuePayments(one, { maxRescues: 0 });
  expect(poisonedPaymentIds).toContain(paymentId);
});

test('a difference is posted to suspense', async () => {
  const { rows } = await database.pool.query(
    `insert into reconciliation_differences (reference, kind, source, theirs, dedupe_key)
     values ('nobody', 'unknown_payment', 'callback',
             '{"status": "succeeded", "amount": "5.00", "currency": "USD", "type": "deposit"}', 'one')
     returning id`,
  );
  expect(await postToSuspense(one, { id: rows[0].id, by: 'ana', reason: 'x' })).toMatchObject({
    kind: 'posted',
  });
});

test('system accounts are folded and the ledger is checked', async () => {
  await foldSystemAccounts(one);
  const options = { runMs: 10_000, stepRows: 1000, reviewRows: 100 };
  expect(await runIntegrityCheck(one, options)).toMatchObject({ found: [] });
});
