import { createPaymentWorld, type PaymentWorld } from '../../../test/builders/payment-world.ts';
import { createScriptedGateway } from '../../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { type ConclusionWatch, watchConclusions } from './watch-conclusions.ts';

let database: TestDatabase;
let world: PaymentWorld;
let watch: ConclusionWatch;
const asked: unknown[][] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  database.knex.on('query', ({ sql, bindings }) => {
    if (sql.includes("status <> 'new'")) asked.push(bindings);
  });
});
beforeEach(() => {
  asked.length = 0;
  watch = watchConclusions({
    knex: database.knex,
    maxWaiting: 3,
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(() => watch.stop());
afterAll(() => database.close());

const never = new AbortController().signal;
const forLong = { forMs: 60_000, signal: never };

async function acceptDeposits(count: number): Promise<bigint[]> {
  const userId = await world.user();
  return await Promise.all(Array.from({ length: count }, () => world.accept(userId, { type: 'deposit' })));
}

async function settleAll(): Promise<void> {
  const worker = world.worker(createScriptedGateway().gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

test('one query asks for all that are waited for, and nothing is asked while nobody waits', async () => {
  const [first, second] = (await acceptDeposits(2)) as [bigint, bigint];
  const waits = [watch.wait(first, forLong), watch.wait(first, forLong), watch.wait(second, forLong)];
  await waitUntil('a look', () => asked.length > 0);
  await settleAll();
  expect(await Promise.all(waits)).toEqual(['success', 'success', 'success']);
  expect(watch.waitingCount()).toBe(0);
  for (const bindings of asked) expect(bindings).toEqual([[first, second]]);
  // A look that had begun may still be counted; there is none after it.
  await watch.wait(first, { forMs: 200, signal: never });
  const lookCount = asked.length;
  const idle = watch.wait(first, { forMs: 0, signal: never });
  expect(await idle).toBe('processing');
  expect(asked).toHaveLength(lookCount);
});

test('a payment that is concluded already is told by the first look', async () => {
  const [paymentId] = (await acceptDeposits(1)) as [bigint];
  await settleAll();
  expect(await watch.wait(paymentId, forLong)).toBe('success');
  expect(asked).toHaveLength(1);
});

test('whoever comes when enough are waiting does not wait, and a place is free again afterwards', async () => {
  const [paymentId] = (await acceptDeposits(1)) as [bigint];
  const leaving = new AbortController();
  const waits = [1, 2, 3].map(() => watch.wait(paymentId, { ...forLong, signal: leaving.signal }));
  expect(await watch.wait(paymentId, forLong)).toBe('processing');
  leaving.abort();
  expect(await Promise.all(waits)).toEqual(['processing', 'processing', 'processing']);
  expect(watch.waitingCount()).toBe(0);
  expect(await watch.wait(paymentId, { ...forLong, signal: leaving.signal })).toBe('processing');
  const next = watch.wait(paymentId, forLong);
  await settleAll();
  expect(await next).toBe('success');
});

test('a stop ends every wait, and any that begins later', async () => {
  const [paymentId] = (await acceptDeposits(1)) as [bigint];
  const wait = watch.wait(paymentId, forLong);
  await watch.stop();
  expect(await wait).toBe('processing');
  expect(await watch.wait(paymentId, forLong)).toBe('processing');
});
