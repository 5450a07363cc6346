import { setTimeout as sleep } from 'node:timers/promises';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Each table of the hot path, as VACUUM FULL or a migration has it: nobody reads or writes it meanwhile. */
const TABLES = [
  'payments',
  'payment_tasks',
  'payment_attempts',
  'accounts',
  'holds',
  'ledger_entries',
  'ledger_transactions',
  'idempotency_keys',
];
const HELD_MS = 1500;

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, {
    DATABASE_LOCK_TIMEOUT_SECONDS: '0.5',
    DATABASE_STATEMENT_TIMEOUT_SECONDS: '5',
    API_SHED_EVENT_LOOP_DELAY_SECONDS: '60',
  });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

test.each(TABLES)(
  'while %s is locked payments are refused clearly, and none is lost or doubled',
  async (table) => {
    const userIds = await Promise.all(Array.from({ length: 4 }, () => api.user()));
    const scripted = createScriptedGateway();
    const worker = world.worker(scripted.gateway);
    worker.start();
    const paymentsBefore = await world.count('payments');
    const send = (n: number) =>
      api.post(
        '/api/v1/payments/withdraw',
        { user_id: userIds[n % userIds.length], amount: 1 },
        { 'Idempotency-Key': `${table}-${n}` },
      );
    const isHeld = Promise.withResolvers<void>();
    const holding = (async () => {
      const holder = await holdRows(database.ownerUrl, `lock table ${table} in access exclusive mode`);
      isHeld.resolve();
      await sleep(HELD_MS);
      await holder.letGo();
    })();
    await isHeld.promise;
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const during = await Promise.all(numbers.map(send));
    for (const { status, json } of during)
      expect(`${status} ${json.code ?? ''}`).toMatch(
        /^(202 |409 idempotency-key-in-use|503 (database-unavailable|wallet-busy|accept-outcome-unknown))$/,
      );
    await holding;
    for (const n of numbers)
      await waitUntil('a payment that is taken', async () => (await send(n)).status === 202);
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
    expect(await world.count('payments')).toBe(paymentsBefore + numbers.length);
    expect(new Set(scripted.sent.map(({ reference }) => reference)).size).toBe(numbers.length);
    expect(scripted.sent).toHaveLength(numbers.length);
    expect(await world.violations()).toEqual([]);
  },
);
