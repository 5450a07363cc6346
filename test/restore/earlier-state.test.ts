import { createKnex, createPool, type Queryable } from '../../src/database/database.ts';
import { createAdmission } from '../../src/ledger/server/admit-sessions.ts';
import { createHistoryWatch } from '../../src/payments/history/watch-history.ts';
import { askAboutUnknown } from '../../src/payments/unknown/ask-about-unknown.ts';
import { createPaymentWorld, type PaymentWorld, STEADY_CLOCK } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createTollgate } from '../cli/run-tollgate.ts';
import { type RestorablePostgres, startRestorablePostgres } from '../support/restorable-postgres.ts';
import { testConfig } from '../support/test-config.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * An earlier state of the database is put back on the same server while a worker runs: what came after it is forgotten here and not at
 * the gateway, and ids are given out a second time.
 */
let server: RestorablePostgres;
let database: TestDatabase;
let world: PaymentWorld;
let watchHistory: (session: Queryable) => Promise<void>;
let cuts: string[];

beforeEach(async () => {
  server = await startRestorablePostgres();
  const config = testConfig({ DATABASE_URL: server.databaseUrl });
  watchHistory = createHistoryWatch((by) => cuts.push(by), { lookPauseMs: 0 });
  cuts = [];
  const atHome = { admit: createAdmission(watchHistory) };
  const pool = createPool(server.databaseUrl, config, 'test', () => {}, atHome);
  const knex = createKnex(server.databaseUrl, config, 'test', atHome);
  database = {
    databaseUrl: server.databaseUrl,
    ownerUrl: server.databaseUrl,
    pool,
    knex,
    async close() {
      await Promise.all([pool.end(), knex.destroy()]);
    },
  };
  world = createPaymentWorld(database);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  await database.close();
  await server.stop();
});

const isBack = () =>
  waitUntil('a database that answers', async () => {
    try {
      await database.pool.query('select 1');
      return true;
    } catch {
      return false;
    }
  });

async function putBack(as: 'snapshot' | 'backup'): Promise<void> {
  await server.putBack(as);
  await isBack();
}

/** A gateway that answers a send when the test lets it. */
function createWaitingGateway() {
  const scripted = createScriptedGateway();
  const waiting = new Map<string, (answer: typeof answers.succeeded) => void>();
  scripted.answerSends(
    ({ reference }) =>
      new Promise((resolve) => {
        waiting.set(reference, resolve);
      }),
  );
  return { ...scripted, succeed: (reference: string) => waiting.get(reference)?.(answers.succeeded) };
}

test('an answer about a forgotten payment is not applied to the payment that got its id', async () => {
  const [first, second] = [await world.user(100_000n), await world.user(100_000n)];
  await server.keep();
  await isBack();
  const gateway = createWaitingGateway();
  const worker = world.worker(gateway.gateway);
  worker.start();
  const forgottenId = await world.accept(first, { amountMinor: 5000n });
  await waitUntil('a call', async () => gateway.sent.length === 1);

  await putBack('snapshot');
  const newId = await world.accept(second, { amountMinor: 700n });
  expect(newId).toBe(forgottenId);
  await waitUntil('a second call', async () => gateway.sent.length === 2);
  const [forgotten, current] = gateway.sent.map(({ reference }) => reference) as [string, string];
  expect(current).not.toBe(forgotten);
  gateway.succeed(forgotten);
  await waitUntil('a word about a payment that nobody knows', async () => {
    const { rows } = await database.pool.query(
      'select reference, kind, payment_id from reconciliation_differences',
    );
    return (
      rows.length > 0 &&
      expect(rows).toEqual([{ reference: forgotten, kind: 'unknown_payment', payment_id: null }]) ===
        undefined
    );
  });
  expect(await world.payment(newId)).toMatchObject({ status: 'processing', transactionStatus: 'held' });
  gateway.succeed(current);
  await waitUntil('a settled payment', async () => (await world.payment(newId)).status === 'success');
  await worker.stop(5000);
  expect(await world.wallet(first)).toMatchObject({ postedMinor: 100_000n, heldMinor: 0n });
  expect(await world.wallet(second)).toMatchObject({ postedMinor: 100_000n - 714n, heldMinor: 0n });
});

test('the answer to an inquiry about a forgotten payment is not applied to the payment that got its id', async () => {
  const [first, second] = [await world.user(100_000n), await world.user(100_000n)];
  await server.keep();
  await isBack();
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.unknown);
  const makeUnknown = async (userId: bigint) => {
    const paymentId = await world.accept(userId);
    const worker = world.worker(scripted.gateway);
    worker.start();
    await waitUntil('an unknown payment', async () => (await world.payment(paymentId)).status === 'unknown');
    await worker.stop(1000);
    await database.pool.query('update payment_inquiries set next_ask_at = now()');
    return paymentId;
  };
  const forgottenId = await makeUnknown(first);
  let newId = 0n;
  scripted.answerInquiries(async (reference) => {
    scripted.answerInquiries(() => ({ kind: 'not_found' }));
    await putBack('snapshot');
    newId = await makeUnknown(second);
    // Its own question is asked, too, so that the two may have one number.
    await ask();
    return { kind: 'succeeded', gatewayReference: reference };
  });
  const ask = () =>
    askAboutUnknown({
      pool: database.pool,
      gateway: scripted.gateway,
      clock: STEADY_CLOCK,
      notFoundGraceMs: 900_000,
      claimMs: 60_000,
      limit: 10,
    });
  await ask();
  expect(newId).toBe(forgottenId);
  expect(await world.payment(newId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  const { rows } = await database.pool.query(
    `select answer from payment_inquiry_answers where payment_id = $1`,
    [newId],
  );
  expect(rows).toEqual([{ answer: 'not_found' }]);
});

test.each(['snapshot', 'backup', 'snapshot that only a person knows of'] as const)(
  'after a %s is put back, a payment that had been carried out does not fail because the gateway cannot be reached',
  async (kind) => {
    const userId = await world.user(100_000n);
    const paymentId = await world.accept(userId);
    await server.keep();
    await isBack();
    const carriedOut = new Set<string>();
    const scripted = createScriptedGateway();
    scripted.answerSends(({ reference }) => {
      carriedOut.add(reference);
      return answers.succeeded;
    });
    const work = async () => {
      const worker = world.worker(scripted.gateway);
      worker.start();
      await waitUntil('an end', async () => (await world.payment(paymentId)).status !== 'processing');
      await worker.stop(1000);
    };
    await work();
    expect(carriedOut.size).toBe(1);
    // Workers do so every few seconds.
    await watchHistory(database.pool);

    await putBack(kind === 'backup' ? 'backup' : 'snapshot');
    if (kind === 'snapshot that only a person knows of') {
      await database.pool.query('update database_history set sent_up_to = 0');
      const told = await createTollgate({ DATABASE_URL: server.databaseUrl }).run(['restored']);
      expect(told).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^Recorded. 1 payments are waiting/),
      });
    } else expect(cuts).toEqual([kind === 'snapshot' ? 'position' : 'timeline']);
    expect(await world.payment(paymentId)).toMatchObject({ status: 'processing' });
    scripted.answerSends(() => answers.notExecuted);
    scripted.answerInquiries(() => ({
      kind: 'unknown',
      errorClass: 'connection_refused',
      message: 'no',
      httpStatus: null,
      retryAfterMs: null,
    }));
    await work();
    expect(await world.payment(paymentId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  },
  120_000,
);
