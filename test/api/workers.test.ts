import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let mock: Awaited<ReturnType<typeof startGatewayMock>>;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  const config = testConfig({ GATEWAY_MOCK_TIMEOUT_RATE: '0', GATEWAY_MOCK_ERROR_RATE: '0' });
  mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
});
afterAll(async () => {
  await mock.stop();
  await api.stop();
  await database.close();
});

function startTestWorker() {
  const config = testConfig({
    DATABASE_URL: database.databaseUrl,
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
    WORKER_POLL_INTERVAL_SECONDS: '0.05',
  });
  return startWorker(config, createLogger(config, 'worker'));
}

const readWorkers = async () => (await api.get('/api/v1/workers')).json;
async function readOnlyWorker() {
  return (await readWorkers()).items[0];
}
async function isSettled(paymentId: bigint): Promise<boolean> {
  return (await world.payment(paymentId)).status === 'success';
}

test("a worker is listed while it runs, with the gateway's health as it sees it", async () => {
  const worker = await startTestWorker();
  expect(await readOnlyWorker()).toMatchObject({
    alive: true,
    process_id: process.pid,
    state: { calling: 0, gateway: { breaker: 'closed' } },
  });
  await worker.stop();
  expect((await readWorkers()).items).toEqual([]);
});

test('a worker that died is listed as not alive, with the tasks that it still holds', async () => {
  const paymentId = await world.accept(await world.user());
  await database.pool.query(
    `insert into workers (id, host, process_id, version, started_at, heartbeat_at, state)
     values ('dead', 'h', 1, '0', now(), now() - interval '1 minute', '{}')`,
  );
  await database.pool.query(
    `update payment_tasks
     set state = 'running', locked_by = 'dead', lease_expires_at = now() + interval '1 hour', run_lease = 1
     where payment_id = $1`,
    [paymentId],
  );
  expect(await readOnlyWorker()).toMatchObject({
    id: 'dead',
    alive: false,
    running: 1,
    tasks: [{ payment_id: Number(paymentId) }],
  });
  await database.pool.query(`delete from workers where id = 'dead'`);
});

test('while claiming is paused a payment is accepted and waits; resumed, it settles', async () => {
  const worker = await startTestWorker();
  const paused = await api.post('/api/v1/workers/pause', { by: 'ana', reason: 'the gateway moves house' });
  expect(paused.json.pause).toMatchObject({ by: 'ana', reason: 'the gateway moves house' });
  await waitUntil('a worker that knows', async () => {
    const health = await fetch(`http://127.0.0.1:${worker.metricsPort}/health`);
    return ((await health.json()) as { paused?: boolean }).paused;
  });

  const paymentId = await world.accept(await world.user());
  // Many polls of the worker, in which it would have claimed.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await isSettled(paymentId)).toBe(false);

  expect((await api.post('/api/v1/workers/resume', { by: 'bea' })).json.pause).toBeNull();
  await waitUntil('a settled payment', () => isSettled(paymentId));
  await worker.stop();
});

test('a worker that is started during a pause does not claim', async () => {
  await api.post('/api/v1/workers/pause', { by: 'ana', reason: 'still' });
  const paymentId = await world.accept(await world.user());
  const worker = await startTestWorker();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await world.claimCount(paymentId)).toBe(0);
  await worker.stop();
  await api.post('/api/v1/workers/resume', { by: 'ana' });
});

test('a second pause leaves the first as it is', async () => {
  await api.post('/api/v1/workers/pause', { by: 'ana', reason: 'first' });
  const second = await api.post('/api/v1/workers/pause', { by: 'bea', reason: 'second' });
  expect(second).toMatchObject({ status: 200, json: { pause: { by: 'ana', reason: 'first' } } });
  await api.post('/api/v1/workers/resume', { by: 'ana' });
  expect(await api.post('/api/v1/workers/resume', { by: 'ana' })).toMatchObject({ json: { pause: null } });
});
