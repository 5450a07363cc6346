import { randomUUID } from 'node:crypto';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
const running: StartedProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await database.close();
});

async function start(name: 'api' | 'worker' | 'gateway-mock', env: Record<string, string>) {
  const started = startProcess(name, {
    APP_ENV: 'test',
    DATABASE_URL: database.databaseUrl,
    API_PORT: '0',
    GATEWAY_MOCK_PORT: '0',
    WORKER_METRICS_PORT: '0',
    ...env,
  });
  running.push(started);
  const { port } = await waitForStart(started);
  return { ...started, origin: `http://127.0.0.1:${port}` };
}

async function post(url: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
}

test('clients of other systems create users, deposit, and lose nothing when a worker is killed while they wait', async () => {
  const mock = await start('gateway-mock', {
    GATEWAY_MOCK_ERROR_RATE: '0',
    GATEWAY_MOCK_TIMEOUT_RATE: '0',
    GATEWAY_MOCK_REFUSAL_RATE: '0',
    // Long enough that a worker is killed in the middle of a call.
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0.5',
    GATEWAY_MOCK_LATENCY_P99_SECONDS: '0.8',
  });
  const {
    origin,
    child: api,
    ended,
  } = await start('api', {
    API_DEPOSIT_WAIT_SECONDS: '50',
    API_REQUEST_TIMEOUT_SECONDS: '110',
  });
  const startWorker = () =>
    start('worker', {
      PAYMENT_GATEWAY_URL: `${mock.origin}/mock-gateway`,
      WORKER_PROCESSING_TIMEOUT_SECONDS: '3',
      GATEWAY_TIMEOUT_SECONDS: '2',
    });
  const user = randomUUID();
  expect(await post(`${origin}/api/wallet/create`, { user_id: user })).toMatchObject({
    status: 201,
    json: { user_id: user, balance: 0 },
  });

  const first = await startWorker();
  expect(await post(`${origin}/api/wallet/${user}/deposit`, { amount: 100 })).toMatchObject({
    status: 200,
    json: { status: 'success', balance: 98 },
  });

  const key = { 'Idempotency-Key': 'killed-while-waiting' };
  const waiting = [
    post(`${origin}/api/v1/accounts/${user}/deposit`, { amount: 50 }, key),
    post(`${origin}/api/v1/accounts/${user}/deposit`, { deposit: '50.00' }, key),
  ];
  await waitUntil(
    'a call that has begun',
    async () => (await world.count('payment_attempts where outcome is null')) > 0,
  );
  first.child.kill('SIGKILL');
  await first.ended;
  const second = await startWorker();
  const got = await Promise.all(waiting);
  expect(got.map(({ status, json }) => [status, json.balance])).toEqual([
    [200, 147],
    [200, 147],
  ]);
  expect(got[0]?.json.payment_id).toBe(got[1]?.json.payment_id);
  expect(await world.count('payments')).toBe(2);

  second.child.kill('SIGTERM');
  await second.ended;
  const left = post(`${origin}/api/v1/accounts/deposit`, { amount: 10 }, { 'X-User-Id': user.toUpperCase() });
  await waitUntil('a deposit that waits', async () => (await world.count('payment_tasks')) === 1);
  api.kill('SIGTERM');
  expect(await left).toMatchObject({ status: 202, json: { user_id: user, status: 'processing' } });
  expect(await ended).toBe(0);
  expect(await world.violations()).toEqual([]);
});
