import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi } from '../support/api-server.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/** The real API, worker and stand-in gateway, with payments that ended in every way. `given` are settings for all three. */
export async function startConsoleStack(given: Record<string, string> = {}) {
  const settings = {
    ...RATES_FROM_TESTS,
    CONVERSION_POSITION_LIMITS: 'USD:1000,EUR:50',
    QUOTE_VALID_SECONDS: '600',
    // A call that a busy machine gives up would be one more unknown payment.
    GATEWAY_TIMEOUT_SECONDS: '20',
    ...given,
  };
  const database = await createTestDatabase();
  const world = createPaymentWorld(database);
  const api = await startTestApi(database.databaseUrl, settings);
  const mockConfig = testConfig({
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_ERROR_RATE: '0',
    ...settings,
  });
  const mock = await startGatewayMock(mockConfig, createLogger(mockConfig, 'gateway-mock'));
  const config = testConfig({
    DATABASE_URL: database.databaseUrl,
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
    WORKER_POLL_INTERVAL_SECONDS: '0.05',
    ...settings,
  });

  /** Lets withdrawals of a user end in one way, before the real worker runs. */
  async function endPayments(userId: bigint, count: number, ending: keyof typeof answers): Promise<bigint[]> {
    const scripted = createScriptedGateway();
    scripted.answerSends(() => answers[ending]);
    const paymentIds: bigint[] = [];
    for (let made = 0; made < count; made += 1) paymentIds.push(await world.accept(userId));
    const worker = world.worker(scripted.gateway);
    worker.start();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
    return paymentIds;
  }

  const userId = await world.user(1_000_000n);
  const [settledId] = await endPayments(userId, 3, 'succeeded');
  const unknownIds = await endPayments(userId, 2, 'unknown');
  // The questions of the real worker would end them before a person can.
  await database.pool.query(`update payment_inquiries set next_ask_at = now() + interval '1 day'`);
  const refusedIds = await endPayments(userId, 6, 'refused');
  await endPayments(userId, 8, 'notExecuted');
  const keyed = await api.post(
    '/api/v1/payments/deposit',
    { user_id: Number(userId), deposit: 12.5 },
    { 'idempotency-key': 'order-4711' },
  );
  for (const [index, paymentId] of refusedIds.slice(0, 2).entries())
    await database.pool.query(
      `insert into reconciliation_differences (payment_id, reference, kind, source, ours, theirs, dedupe_key)
       select id, reference, 'status_contradiction', 'callback',
              '{"status":"failed","amount":"50","currency":"USD","gateway_reference":null}',
              '{"status":"succeeded","amount":"50","currency":"USD","gateway_reference":"gw-9"}', $2
       from payments where id = $1`,
      [paymentId, `console-${index}`],
    );
  const worker = await startWorker(config, createLogger(config, 'worker'));

  let stopping: Promise<void> | undefined;
  const stopWorker = () => {
    stopping ??= worker.stop();
    return stopping;
  };

  return {
    api,
    database,
    userId,
    settledId,
    unknownIds,
    keyedId: keyed.json.payment_id as number,
    /** Changes what the stand-in for the gateway does. */
    async behave(behaviour: object): Promise<void> {
      const answer = await fetch(`http://127.0.0.1:${mock.port}/mock-gateway/behaviour`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(behaviour),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    stopWorker,
    async stop() {
      await stopWorker();
      await mock.stop();
      await api.stop();
      await database.close();
    },
  };
}

export type ConsoleStack = Awaited<ReturnType<typeof startConsoleStack>>;
