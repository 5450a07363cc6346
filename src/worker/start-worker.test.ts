import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { startGatewayMock } from '../gateway-mock/start-gateway-mock.ts';
import { createWakeUpSender } from '../queue/wake-up.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startWorker } from './start-worker.ts';

let database: TestDatabase;
let world: PaymentWorld;
let mock: Awaited<ReturnType<typeof startGatewayMock>>;
let worker: Awaited<ReturnType<typeof startWorker>>;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  const mockConfig = testConfig({
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_ERROR_RATE: '0',
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
  });
  mock = await startGatewayMock(mockConfig, createLogger(mockConfig, 'gateway-mock'));
  const config = testConfig({
    DATABASE_URL: database.databaseUrl,
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
    // So long that only a wake-up can explain a payment that is settled sooner.
    WORKER_POLL_INTERVAL_SECONDS: '600',
    WORKER_SAMPLE_INTERVAL_SECONDS: '0.1',
    GATEWAY_TIMEOUT_SECONDS: '20',
    GATEWAY_MAX_CALLS_PER_SECOND: '1000',
    GATEWAY_BREAKER_PROBE_SECONDS: '0.2',
    GATEWAY_BREAKER_PROBE_MAX_SECONDS: '0.2',
  });
  worker = await startWorker(config, createLogger(config, 'worker'));
});
afterAll(async () => {
  await worker.stop();
  await mock.stop();
  await database.close();
});

const get = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${worker.metricsPort}${path}`);
  return { status: response.status, text: await response.text() };
};

test('a wake-up makes an idle worker take a new payment at once', async () => {
  const userId = await world.user();
  // The worker looks once when its listener has connected; from then on only a wake-up makes it look.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const wakeUps = createWakeUpSender(database.pool);
  const paymentId = await world.accept(userId);
  wakeUps.wake();
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  await wakeUps.stop();
});

test('a listener that loses its connection comes back', async () => {
  const userId = await world.user();
  await database.pool.query(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity
     where query like 'listen tollgate%' and datname = current_database()`,
  );
  const paymentId = await world.accept(userId);
  // It may be back already and have looked; then this is what it must hear.
  const wakeUps = createWakeUpSender(database.pool);
  wakeUps.wake();
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  await wakeUps.stop();
});

test('metrics count payments, calls and batches, and show the queue', async () => {
  await waitUntil('a sample of the queue', async () =>
    (await get('/metrics')).text.includes('tollgate_queue_depth{state="ready"} 0'),
  );
  const { text } = await get('/metrics');
  expect(text).toMatch(/tollgate_payments_settled_total\{type="withdraw"\} [1-9]/);
  expect(text).toMatch(
    /tollgate_gateway_calls_total\{gateway="default",operation="pay",outcome="succeeded",error_class=""\} [1-9]/,
  );
  expect(text).toMatch(/tollgate_claim_batch_size_count [1-9]/);
  expect(text).toMatch(/tollgate_settle_batch_size_count [1-9]/);
  expect(text).toMatch(/tollgate_payment_accept_to_settle_seconds_count\{type="withdraw"\} [1-9]/);
  expect(text).toMatch(/tollgate_queue_oldest_ready_seconds 0/);
  expect(text).toMatch(/tollgate_gateway_breaker_state\{gateway="default",state="closed"\} 1/);
  expect(text).toMatch(/tollgate_gateway_breaker_state\{gateway="default",state="open"\} 0/);
  expect(text).toMatch(/tollgate_gateway_breaker_opened_total\{gateway="default"\} 0/);
  expect(text).toMatch(/tollgate_gateway_calls_per_second_limit\{gateway="default"\} 1000/);
  expect(text).toMatch(/tollgate_gateway_rate_limit_waits_total\{gateway="default"\} [0-9]/);
});

test('health shows how many runs the worker holds', async () => {
  const health = await get('/health/ready');
  expect(health.status).toBe(200);
  expect(JSON.parse(health.text)).toMatchObject({ status: 'ok', database: 'ok', calling: 0, held: 0 });
  expect(JSON.parse(health.text).gateway).toEqual({
    breaker: 'closed',
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    next_probe_at: null,
    calls_per_second_limit: 1000,
  });
  expect((await get('/health/live')).status).toBe(200);
  expect((await get('/nothing')).status).toBe(404);
});

test('graphile-worker accepts the crontab', async () => {
  const { rows } = await database.pool.query(
    'select identifier from graphile_worker._private_known_crontabs order by identifier',
  );
  expect(rows.map(({ identifier }) => identifier)).toEqual([
    'askAboutUnknown',
    'checkIntegrity',
    'expireStoredResponses',
    'fetchRates',
    'foldSystemAccounts',
    'keepEventDays',
    'prune',
    'reconcile',
    'rescue',
  ]);
});

test('jobs of the crontab run', async () => {
  for (const task of [
    'foldSystemAccounts',
    'checkIntegrity',
    'expireStoredResponses',
    'prune',
    'rescue',
    'askAboutUnknown',
  ]) {
    await database.pool.query('select graphile_worker.add_job($1)', [task]);
  }
  await waitUntil('all jobs done', async () => {
    const { rows } = await database.pool.query(
      'select count(*)::int as count from graphile_worker._private_jobs',
    );
    return rows[0].count === 0;
  });
  const text = await waitUntil('a look at what the check found', async () => {
    const page = (await get('/metrics')).text;
    return /tollgate_ledger_integrity_checked_timestamp_seconds [1-9]/.test(page) && page;
  });
  expect(text).toMatch(/tollgate_ledger_integrity_violations 0/);
});

test('metrics and health show a gateway that is down and back again, and its payments are settled', async () => {
  const setGateway = (isDown: boolean) =>
    fetch(`http://127.0.0.1:${mock.port}/mock-gateway/behaviour`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ is_down: isDown }),
    });
  expect((await setGateway(true)).status).toBe(200);
  const userId = await world.user(1_000_000n);
  const wakeUps = createWakeUpSender(database.pool);
  for (let made = 0; made < 30; made += 1) await world.accept(userId, { amountMinor: 100n });
  wakeUps.wake();
  // A breaker that probes is half open for a moment.
  const health = await waitUntil('an open breaker', async () => {
    const { gateway } = JSON.parse((await get('/health')).text);
    return gateway.breaker === 'open' ? gateway : undefined;
  });
  expect(health.next_probe_at).toMatch(/^\d{4}-.*Z$/);
  expect((await get('/metrics')).text).toMatch(
    /tollgate_gateway_breaker_opened_total\{gateway="default"\} [1-9]/,
  );
  await setGateway(false);
  await waitUntil('an empty queue', async () => {
    wakeUps.wake();
    return (await world.count('payment_tasks')) === 0;
  });
  expect(await world.count('payment_dlq')).toBe(0);
  await waitUntil('a closed breaker', async () =>
    (await get('/metrics')).text.includes(
      'tollgate_gateway_breaker_state{gateway="default",state="closed"} 1',
    ),
  );
  await wakeUps.stop();
});
