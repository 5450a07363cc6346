import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createCallBudget } from '../gateway/health/call-budget.ts';

let database: TestDatabase;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
});
afterEach(async () => expect(await world.violations()).toEqual([]));
afterAll(() => database.close());

const emptyQueue = async () => (await world.count('payment_tasks')) === 0;

test.each([1, 3])(
  'with %i workers, a single payment is called within two batches although ten thousand of another user wait',
  async (workerCount) => {
    const [heavy, other] = [await world.user(100_000_000n), await world.user()];
    const scripted = createScriptedGateway();
    scripted.answerSends(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return answers.succeeded;
    });
    await Promise.all(
      Array.from({ length: 10_000 }, () => world.accept(heavy, { type: 'deposit', amountMinor: 100n })),
    );
    const concurrency = 20;
    const workers = Array.from({ length: workerCount }, () =>
      world.worker(scripted.gateway, { concurrency }),
    );
    for (const worker of workers) worker.start();
    await waitUntil('some calls', () => scripted.sent.length > 5 * concurrency * workerCount);

    const paymentId = await world.accept(other);
    const calledBefore = scripted.sent.length;
    await waitUntil('the single payment to be called', () =>
      scripted.sent.some((sent) => sent.paymentId === paymentId),
    );
    const position = scripted.sent.findIndex((sent) => sent.paymentId === paymentId) - calledBefore;
    // What is claimed already goes first: up to one batch at the gateway and one that waits, for each worker.
    expect(position).toBeLessThan(workerCount * 3 * concurrency);

    await Promise.all(workers.map((worker) => worker.stop(5000)));
    await database.pool.query('delete from payment_tasks');
  },
  240_000,
);

test('two workers together keep to the limit of calls per second, inquiries included, and still settle everything', async () => {
  const callsPerSecond = 100;
  const userId = await world.user(100_000_000n);
  const scripted = createScriptedGateway();
  const calledAt: number[] = [];
  scripted.answerSends((_instruction, sendNumber) => {
    calledAt.push(performance.now());
    return sendNumber === 1 ? answers.unknown : answers.succeeded;
  });
  scripted.answerInquiries(() => {
    calledAt.push(performance.now());
    return { kind: 'not_found' };
  });
  await Promise.all(Array.from({ length: 50 }, () => world.accept(userId, { amountMinor: 100n })));
  const budgets = [1, 2].map(() =>
    createCallBudget({ queryable: database.pool, gateway: 'test', callsPerSecond }),
  );
  const workers = budgets.map((callBudget) => world.worker(scripted.gateway, { callBudget }));
  const startedAt = performance.now();
  for (const worker of workers) worker.start();
  await waitUntil('an empty queue', emptyQueue);
  await Promise.all(workers.map((worker) => worker.stop(1000)));
  for (const budget of budgets) budget.stop();

  // A send, a question and another send for each payment.
  expect(calledAt).toHaveLength(150);
  // A slot may be used late, and never early.
  for (const at of calledAt) {
    const until = calledAt.filter((other) => other <= at).length;
    expect(until).toBeLessThanOrEqual(((at - startedAt) / 1000) * callsPerSecond + 2);
  }
});

test('a claimed task waits for no call of a later second', async () => {
  const userId = await world.user(100_000_000n);
  const scripted = createScriptedGateway();
  await Promise.all(Array.from({ length: 40 }, () => world.accept(userId, { amountMinor: 100n })));
  const callBudget = createCallBudget({ queryable: database.pool, gateway: 'slow', callsPerSecond: 10 });
  const worker = world.worker(scripted.gateway, { callBudget, concurrency: 40 });
  worker.start();
  let mostHeld = 0;
  await waitUntil('ten calls', () => {
    mostHeld = Math.max(mostHeld, worker.counts().held);
    return scripted.sent.length >= 10;
  });
  await worker.stop(2000);
  callBudget.stop();
  expect(mostHeld).toBeLessThan(20);
  await database.pool.query('delete from payment_tasks');
});
