import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const PAYMENTS = 60;
/** One more attempt used up than the payments need would put them among the dead letters. */
const MAX_ATTEMPTS = 2;
const TURNED_AWAY_CALLS = 40;

let database: TestDatabase;
let world: PaymentWorld;
let gateway: Server;
const workers: StartedProcess[] = [];

/** How often each reference was carried out, and how often something was sent under it before the storm. */
const executed = new Map<string, number>();
const sentBefore = new Set<string>();
let weather: 'before' | 'storm' | 'after' = 'before';
const turnedAway = { withPause: 0, silently: 0, sends: 0, questions: 0 };

const answer = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Too many calls: every second answer says for how long to stay away. */
function turnAway(request: IncomingMessage, response: ServerResponse): void {
  turnedAway[request.method === 'GET' ? 'questions' : 'sends'] += 1;
  const isSilent = (turnedAway.sends + turnedAway.questions) % 2 === 0;
  turnedAway[isSilent ? 'silently' : 'withPause'] += 1;
  answer(response, 429, { code: 'rate_limit_exceeded' }, isSilent ? {} : { 'retry-after': '1' });
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (weather === 'storm') {
    turnAway(request, response);
    return;
  }
  if (request.method === 'GET') {
    const isKnown = executed.has(decodeURIComponent(request.url?.split('/').at(-1) ?? ''));
    answer(response, isKnown ? 200 : 404, isKnown ? { status: 'succeeded' } : { code: 'payment_not_found' });
    return;
  }
  const reference = String(request.headers['idempotency-key']);
  // A gateway that knows its keys carries nothing out twice; the test wants to see that it was not asked to.
  executed.set(reference, (executed.get(reference) ?? 0) + 1);
  if (weather === 'before') sentBefore.add(reference);
  answer(response, weather === 'before' ? 502 : 200, weather === 'before' ? {} : { status: 'succeeded' });
}

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  gateway = createServer((request, response) => {
    request.resume().on('end', () => serve(request, response));
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const worker of workers) worker.child.kill('SIGKILL');
  await Promise.all(workers.map(({ ended }) => ended));
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
  await database.close();
});

async function startWorkers(): Promise<void> {
  for (let count = 0; count < 2; count += 1)
    workers.push(
      startProcess('worker', {
        APP_ENV: 'test',
        DATABASE_URL: database.databaseUrl,
        PAYMENT_GATEWAY_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
        WORKER_METRICS_PORT: '0',
        WORKER_CONCURRENCY: '4',
        WORKER_BATCH_SIZE: '4',
        // A call that is given up on a busy machine might be made twice.
        GATEWAY_TIMEOUT_SECONDS: '10',
        GATEWAY_MAX_ATTEMPTS: String(MAX_ATTEMPTS),
        GATEWAY_BACKOFF_BASE_SECONDS: '0.2',
        GATEWAY_BACKOFF_MAX_SECONDS: '0.5',
        GATEWAY_BACKOFF_JITTER_SECONDS: '0.1',
        GATEWAY_BREAKER_PROBE_SECONDS: '0.1',
        GATEWAY_BREAKER_PROBE_MAX_SECONDS: '0.2',
      }),
    );
  await Promise.all(workers.map(waitForStart));
}

async function turnedAwayWorkers(): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(distinct worker)::int as count from payment_attempts where error_class = 'rate_limited'`,
  );
  return rows[0].count;
}

test('while a gateway turns every call of two workers away, no attempt is used up; then all is settled, and nothing twice', async () => {
  const userId = await world.user(100_000_000n);
  const paymentIds: bigint[] = [];
  for (let made = 0; made < PAYMENTS; made += 1)
    paymentIds.push(
      await world.accept(userId, { type: made % 2 ? 'deposit' : 'withdraw', amountMinor: 100n }),
    );
  await startWorkers();
  await waitUntil('payments of which nobody knows whether they were carried out', () => sentBefore.size >= 5);
  weather = 'storm';
  await waitUntil(
    'many calls of both workers that are turned away',
    async () =>
      turnedAway.questions > 0 &&
      Math.min(turnedAway.withPause, turnedAway.silently) >= TURNED_AWAY_CALLS / 2 &&
      (await turnedAwayWorkers()) === 2,
    { deadlineMs: 90_000 },
  );
  expect(turnedAway.sends).toBeGreaterThan(0);
  expect(await world.count('payment_dlq')).toBe(0);
  weather = 'after';
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0, {
    deadlineMs: 90_000,
  });

  for (const worker of workers) worker.child.kill('SIGTERM');
  expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
  const payments = await Promise.all(paymentIds.map((id) => world.payment(id)));
  expect(new Set(payments.map(({ status }) => status))).toEqual(new Set(['success']));
  const { rows } = await database.pool.query<{ reference: string; attempts: number }>(
    'select reference, attempts from payments order by id',
  );
  // A send without an outcome uses up an attempt, unless enough of them had opened the breaker by the time it was settled.
  for (const { reference, attempts } of rows)
    expect([reference, sentBefore.has(reference) ? [1, 2] : [1]]).toEqual([
      reference,
      expect.arrayContaining([attempts]),
    ]);
  expect([...executed.values()]).toEqual(Array.from({ length: PAYMENTS }, () => 1));
  expect(await world.count('payment_dlq')).toBe(0);
  expect(await world.wallet(userId)).toMatchObject({
    postedMinor: 100_000_000n - 30n * 102n + 30n * 98n,
    heldMinor: 0n,
  });
  expect(await world.violations()).toEqual([]);
}, 240_000);
