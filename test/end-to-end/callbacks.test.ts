import { readSystemBalance } from '../../src/ledger/read-balance.sql.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const PAYMENT_COUNT = 200;
const SECRET = 'a secret of the test';

let database: TestDatabase;
let world: PaymentWorld;
const running: StartedProcess[] = [];

async function start(name: 'api' | 'worker' | 'gateway-mock', env: Record<string, string> = {}) {
  const started = startProcess(name, {
    APP_ENV: 'test',
    DATABASE_URL: database.databaseUrl,
    GATEWAY_CALLBACK_SECRET: SECRET,
    API_PORT: '0',
    GATEWAY_MOCK_PORT: '0',
    WORKER_METRICS_PORT: '0',
    ...env,
  });
  running.push(started);
  const { port } = await waitForStart(started);
  return { ...started, origin: `http://127.0.0.1:${port}` };
}

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await database.close();
});

test('duplicated, late and reordered callbacks race with the answers of a faulty gateway, and both books agree', async () => {
  const api = await start('api');
  const mock = await start('gateway-mock', {
    GATEWAY_MOCK_SEED: 'callbacks',
    GATEWAY_MOCK_REFUSAL_RATE: '0.1',
    GATEWAY_MOCK_CALLBACK_URL: `${api.origin}/api/v1/gateway/callbacks`,
    GATEWAY_MOCK_CALLBACK_DELAY_SECONDS: '0.02',
    GATEWAY_MOCK_CALLBACK_DUPLICATE_RATE: '0.4',
    GATEWAY_MOCK_CALLBACK_REORDER_RATE: '0.4',
  });
  const worker = await start('worker', {
    PAYMENT_GATEWAY_URL: `${mock.origin}/mock-gateway`,
    // A slow machine is no outage: the breaker must not keep payments back from a gateway that answers late.
    GATEWAY_TIMEOUT_SECONDS: '1.5',
    GATEWAY_BREAKER_MIN_CALLS: '0',
    GATEWAY_BACKOFF_BASE_SECONDS: '0.1',
    GATEWAY_BACKOFF_JITTER_SECONDS: '0.1',
    GATEWAY_MAX_ATTEMPTS: '4',
  });
  const userIds = await Promise.all([1, 2, 3, 4].map(() => world.user(10_000_000n)));
  await Promise.all(
    Array.from({ length: PAYMENT_COUNT }, (_, index) =>
      world.accept(userIds[index % 4] as bigint, {
        type: index % 2 === 0 ? 'deposit' : 'withdraw',
        amountMinor: BigInt(100 + index),
      }),
    ),
  );
  // What is left unknown was never carried out, so no callback tells of it.
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0, {
    deadlineMs: 120_000,
  });
  const readJson = async (path: string) => (await fetch(`${mock.origin}/mock-gateway${path}`)).json();
  await waitUntil('every callback', async () => ((await readJson('/callbacks')) as Counters).waiting === 0, {
    deadlineMs: 30_000,
  });
  await waitUntil(
    'every callback to be processed',
    async () => (await world.count('gateway_events where processed_at is null')) === 0,
    { deadlineMs: 30_000 },
  );

  const book = (await readJson('/book?limit=1000')) as Book;
  const outcomes = await database.pool.query(
    'select status, count(*)::int as count from payments group by status',
  );
  const countOf = (status: string) => outcomes.rows.find((row) => row.status === status)?.count ?? 0;
  expect(book.entries).toHaveLength(countOf('success'));
  expect(countOf('success') + countOf('failed') + countOf('unknown')).toBe(PAYMENT_COUNT);
  expect(countOf('success')).toBeGreaterThan(PAYMENT_COUNT / 2);
  expect(await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' })).toBe(
    -BigInt(book.totals[0]?.net_minor ?? 0),
  );
  const { deliveries, events, given_up } = (await readJson('/callbacks')) as Counters;
  expect(deliveries).toBeGreaterThan(events);
  expect(given_up).toBe(0);
  expect(await world.count('gateway_events')).toBe(events);
  expect(await world.count(`gateway_events where result = 'concluded'`)).toBeGreaterThan(0);
  expect(await world.count('reconciliation_differences')).toBe(0);
  expect(await world.count('payment_attempts where outcome is null')).toBe(0);
  expect(await world.violations()).toEqual([]);
  for (const { lines } of [api, worker]) {
    expect(lines.filter(({ level }) => level === 'fatal')).toEqual([]);
    expect(lines.filter(({ event }) => event === 'gateway_callback.failed')).toEqual([]);
  }
}, 240_000);

interface Counters {
  readonly waiting: number;
  readonly deliveries: number;
  readonly events: number;
  readonly given_up: number;
}

interface Book {
  readonly entries: unknown[];
  readonly totals: { readonly net_minor: string }[];
}
