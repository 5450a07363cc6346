import { readSystemBalance } from '../../src/ledger/read-balance.sql.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { findUntold } from '../support/find-untold.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const PAYMENT_COUNT = 500;
const LEASE_SECONDS = 2;

let database: TestDatabase;
let world: PaymentWorld;
const running: StartedProcess[] = [];

async function start(name: 'api' | 'worker' | 'gateway-mock', env: Record<string, string> = {}) {
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

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await database.close();
});

test('five hundred payments through a faulty gateway survive two kills of the worker, and both books agree', async () => {
  const mock = await start('gateway-mock', {
    GATEWAY_MOCK_SEED: 'end-to-end',
    GATEWAY_MOCK_REFUSAL_RATE: '0.03',
  });
  const workerSettings = {
    PAYMENT_GATEWAY_URL: `${mock.origin}/mock-gateway`,
    WORKER_PROCESSING_TIMEOUT_SECONDS: String(LEASE_SECONDS),
    // A slow machine is no outage: the breaker must not keep payments back from a gateway that answers late.
    GATEWAY_TIMEOUT_SECONDS: '1.5',
    GATEWAY_BREAKER_MIN_CALLS: '0',
    GATEWAY_BACKOFF_BASE_SECONDS: '0.1',
    GATEWAY_BACKOFF_JITTER_SECONDS: '0.1',
    WORKER_CONCURRENCY: '24',
    GATEWAY_MAX_ATTEMPTS: '4',
  };
  const api = await start('api');
  let worker = await start('worker', workerSettings);
  const post = async (path: string, body: object) => {
    const response = await fetch(`${api.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, number> };
  };

  const users = await Promise.all(
    Array.from(
      { length: 20 },
      async () => (await post('/api/v1/users/', { balance: 10_000 })).json.id as number,
    ),
  );
  const accepted = new Map<number, { userId: number; type: string; amount: number }>();
  const acceptSome = async (count: number) => {
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const userId = users[index % users.length] as number;
        const type = index % 3 === 0 ? 'withdraw' : 'deposit';
        const amount = 1 + (index % 50) + 0.25;
        const body = type === 'deposit' ? { user_id: userId, deposit: amount } : { user_id: userId, amount };
        const { status, json } = await post(`/api/v1/payments/${type}`, body);
        expect(status).toBe(202);
        accepted.set(json.payment_id as number, { userId, type, amount });
      }),
    );
  };

  for (let kill = 0; kill < 2; kill += 1) {
    await acceptSome(PAYMENT_COUNT / 2);
    await waitUntil('calls in flight', async () => (await countRunning()) > 5);
    worker.child.kill('SIGKILL');
    expect(await worker.ended).toBe('SIGKILL');
    expect(await countRunning()).toBeGreaterThan(0);
    worker = await start('worker', workerSettings);
  }
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0, {
    deadlineMs: 120_000,
  });
  expect(accepted.size).toBe(PAYMENT_COUNT);

  // Ask about what is still unknown now instead of after the usual pause.
  await waitUntil(
    'no unknown payment',
    async () => {
      await database.pool.query(
        `update payment_inquiries set next_ask_at = now(), opened_at = opened_at - interval '1 hour',
           not_found_at = not_found_at - interval '1 hour';
         -- A machine that stood still for a while looks like a clock that jumped.
         update steady_clock set steady_since = '-infinity';
         update payment_attempts set finished_at = finished_at - interval '1 hour'
         where payment_id in (select payment_id from payment_inquiries)`,
      );
      return (await world.count('payment_inquiries')) === 0;
    },
    { deadlineMs: 120_000, pauseMs: 500 },
  );
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);

  const book = (await (await fetch(`${mock.origin}/mock-gateway/book?limit=10000`)).json()) as {
    entries: { payment_id: string; reference: string; amount: string; type: string }[];
    totals: { net_minor: string; count: number }[];
  };
  const { rows: payments } = await database.pool.query<{ id: bigint; status: string; reference: string }>(
    'select id, status, reference from payments order by id',
  );
  expect(payments).toHaveLength(PAYMENT_COUNT);
  expect(new Set(payments.map(({ status }) => status))).toEqual(new Set(['success', 'failed']));
  // What we call settled is what the gateway executed: each payment once, and no other.
  const settled = payments.filter(({ status }) => status === 'success').map(({ reference }) => reference);
  expect(book.entries.map(({ reference }) => reference).sort()).toEqual(settled.sort());
  expect(new Set(book.entries.map(({ payment_id }) => payment_id)).size).toBe(book.entries.length);
  expect(settled.length).toBeGreaterThan(PAYMENT_COUNT / 2);

  const clearing = await readSystemBalance(database.knex, { kind: 'gateway', currency: 'USD' });
  expect(clearing).toBe(-BigInt(book.totals[0]?.net_minor as string));
  expect(await world.violations()).toEqual([]);
  // Each payment was told from its acceptance to its end, whatever was killed meanwhile.
  expect(await findUntold(database.pool)).toEqual([]);

  // Every balance is the opening balance and what was settled since, nothing else.
  for (const userId of users) {
    const expected = payments.reduce((sum, { id, status }) => {
      const payment = accepted.get(Number(id));
      if (status !== 'success' || payment?.userId !== userId) return sum;
      const amountMinor = BigInt(Math.round(payment.amount * 100));
      const feeMinor = (2n * amountMinor * 2n + 100n) / 200n;
      return payment.type === 'deposit' ? sum + amountMinor - feeMinor : sum - amountMinor - feeMinor;
    }, 1_000_000n);
    expect(await world.wallet(BigInt(userId))).toMatchObject({
      postedMinor: expected,
      heldMinor: 0n,
      pendingInMinor: 0n,
    });
  }
  expect(await attemptsWithoutOutcome()).toBe(0);
}, 360_000);

async function countRunning(): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as count from payment_tasks where state = 'running'`,
  );
  return rows[0].count;
}

async function attemptsWithoutOutcome(): Promise<number> {
  const { rows } = await database.pool.query(
    'select count(*)::int as count from payment_attempts where outcome is null',
  );
  return rows[0].count;
}
