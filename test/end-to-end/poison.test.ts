import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const MAX_RESCUES = 3;
const NEIGHBOURS = 60;

let database: TestDatabase;
let world: PaymentWorld;
let gateway: Server;
let worker: StartedProcess | undefined;
/** The payment whose call kills the worker that makes it. */
let killerId: bigint;
const executed = new Map<string, number>();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  gateway = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET') {
      const reference = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
      const isKnown = executed.has(reference);
      response.statusCode = isKnown ? 200 : 404;
      response.end(JSON.stringify(isKnown ? { status: 'succeeded' } : { code: 'payment_not_found' }));
      return;
    }
    let text = '';
    for await (const chunk of request) text += chunk;
    const { payment_id: paymentId } = JSON.parse(text) as { payment_id: number };
    if (BigInt(paymentId) === killerId) {
      worker?.child.kill('SIGKILL');
      return;
    }
    const reference = String(request.headers['idempotency-key']);
    // Slow enough that neighbours are at the gateway, and wait for it, when their worker dies.
    setTimeout(() => {
      executed.set(reference, (executed.get(reference) ?? 0) + 1);
      response.end(JSON.stringify({ status: 'succeeded' }));
    }, 50);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  worker?.child.kill('SIGKILL');
  await worker?.ended;
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
  await database.close();
});

/** Starts a worker again and again, as a supervisor would, until the queue is empty; gives how many were lost. */
async function superviseUntilQueueIsEmpty(): Promise<number> {
  for (let lost = 0; ; lost += 1) {
    worker = startProcess('worker', {
      APP_ENV: 'test',
      DATABASE_URL: database.databaseUrl,
      PAYMENT_GATEWAY_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      WORKER_METRICS_PORT: '0',
      // A call that is given up on a busy machine might be made twice.
      GATEWAY_TIMEOUT_SECONDS: '10',
      WORKER_PROCESSING_TIMEOUT_SECONDS: '2',
      WORKER_MAX_RESCUES: String(MAX_RESCUES),
      WORKER_CONCURRENCY: '12',
    });
    let hasEnded = false;
    void worker.ended.then(() => {
      hasEnded = true;
    });
    await waitForStart(worker).catch(() => {});
    const isDone = await waitUntil(
      'an empty queue or a lost worker',
      async () => {
        if (hasEnded) return 'lost';
        return (await world.count('payment_tasks')) === 0 ? 'done' : undefined;
      },
      { deadlineMs: 90_000 },
    );
    if (isDone === 'done') return lost;
  }
}

test('a payment that kills its worker ends as poison, and its neighbours are all settled', async () => {
  const userId = await world.user(100_000_000n);
  const neighbours: bigint[] = [];
  for (let made = 0; made < NEIGHBOURS; made += 1) {
    if (made === 20) killerId = await world.accept(userId, { amountMinor: 100n });
    neighbours.push(await world.accept(userId, { amountMinor: 100n }));
  }
  const lost = await superviseUntilQueueIsEmpty();
  worker?.child.kill('SIGTERM');
  expect(await worker?.ended).toBe(0);

  // On a machine so slow that a lease runs out under a living worker it takes fewer deaths.
  expect(lost).toBeGreaterThan(1);
  expect(lost).toBeLessThanOrEqual(MAX_RESCUES + 1);
  const { rows: letters } = await database.pool.query('select payment_id, reason from payment_dlq');
  expect(letters).toEqual([{ payment_id: killerId, reason: 'poison' }]);
  expect(await world.payment(killerId)).toMatchObject({ status: 'unknown', transactionStatus: 'held' });
  for (const id of neighbours) expect(await world.payment(id)).toMatchObject({ status: 'success' });
  expect([...executed.values()]).toEqual(Array.from({ length: NEIGHBOURS }, () => 1));
  expect(await world.violations()).toEqual([]);
});
