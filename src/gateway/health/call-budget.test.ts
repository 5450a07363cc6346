import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.ts';
import { type CallBudget, createCallBudget } from './call-budget.ts';
import { limitCalls } from './limit-calls.ts';

let database: TestDatabase;
let name = 0;
const budgets: CallBudget[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => {
  for (const budget of budgets.splice(0)) budget.stop();
});
afterAll(() => database.close());

/** Budgets of as many processes that share one limit. */
function processes(count: number, callsPerSecond: number): CallBudget[] {
  name += 1;
  const made = Array.from({ length: count }, () =>
    createCallBudget({ queryable: database.pool, gateway: `gateway ${name}`, callsPerSecond }),
  );
  budgets.push(...made);
  return made;
}

const nextCallIsIn = async () => {
  const { rows } = await database.pool.query(
    'select extract(epoch from next_call_at - clock_timestamp())::float8 as seconds from gateway_call_slots where gateway = $1',
    [`gateway ${name}`],
  );
  return rows[0].seconds as number;
};

const nextCallAt = async () => {
  const { rows } = await database.pool.query(
    'select next_call_at::text as at from gateway_call_slots where gateway = $1',
    [`gateway ${name}`],
  );
  return rows[0].at as string;
};

test('two processes together start no more calls than the limit allows', async () => {
  const startedAt: number[] = [];
  await Promise.all(
    processes(2, 100).map(async (budget) => {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          expect(await budget.take()).toBe(true);
          startedAt.push(performance.now());
        }),
      );
    }),
  );
  startedAt.sort((a, b) => a - b);
  expect(startedAt).toHaveLength(100);
  // A slot may be used up to a quarter of a second late, so calls may bunch by that much and no more.
  for (const [index, at] of startedAt.entries()) {
    const withinSecond = startedAt.slice(index).filter((other) => other < at + 500).length;
    expect(withinSecond).toBeLessThanOrEqual((0.5 + 0.25) * 100 + 5);
  }
  expect((startedAt.at(-1) as number) - (startedAt[0] as number)).toBeGreaterThan(700);
});

test('a slot goes to one process only', async () => {
  // One call in ten seconds: the next slot is further ahead than anybody may reserve.
  const [one, other] = processes(2, 0.1) as [CallBudget, CallBudget];
  expect(await one.reserve(1)).toBe(1);
  expect(await other.reserve(1)).toBe(0);
});

test('claims never run ahead of the calls of the next second', async () => {
  const [budget] = processes(1, 10) as [CallBudget];
  // Four times a quarter of a second, and one more that began within the second.
  for (let tries = 0; tries < 20; tries += 1) await budget.reserve(1000);
  expect(await nextCallIsIn()).toBeLessThan(1.4);
  const [late] = [
    createCallBudget({ queryable: database.pool, gateway: `gateway ${name}`, callsPerSecond: 10 }),
  ];
  budgets.push(late);
  await database.pool.query(
    `update gateway_call_slots set next_call_at = clock_timestamp() + interval '5 seconds' where gateway = $1`,
    [`gateway ${name}`],
  );
  expect(await late.reserve(10)).toBe(0);
});

test('slots that were given back are free for others', async () => {
  const [budget] = processes(1, 10) as [CallBudget];
  expect(await budget.reserve(3)).toBe(3);
  const before = await nextCallIsIn();
  await budget.giveBack(2);
  expect(await nextCallIsIn()).toBeLessThan(before - 0.15);
});

test('slots behind which others have reserved are not given back', async () => {
  const [one, other] = processes(2, 10) as [CallBudget, CallBudget];
  await one.reserve(3);
  await other.reserve(3);
  const before = await nextCallAt();
  await one.giveBack(3);
  expect(await nextCallAt()).toBe(before);
});

test('a pause in which nobody calls saves no calls for later', async () => {
  const [budget] = processes(1, 10) as [CallBudget];
  await budget.take();
  await database.pool.query(
    `update gateway_call_slots set next_call_at = now() - interval '1 hour' where gateway = $1`,
    [`gateway ${name}`],
  );
  const startedAt = performance.now();
  await Promise.all([1, 2, 3, 4].map(() => budget.take()));
  expect(performance.now() - startedAt).toBeGreaterThan(200);
});

test('a call that is aborted while it waits is not made, and says so', async () => {
  const [budget] = processes(1, 0.1) as [CallBudget];
  await budget.take();
  const gateway = limitCalls(
    {
      pay: () => Promise.reject(new Error('not to be called')),
      inquire: () => Promise.reject(new Error('not to be called')),
      close() {},
    },
    budget,
  );
  const abort = new AbortController();
  const answers = Promise.all([
    gateway.pay({ reference: 'r' } as Parameters<typeof gateway.pay>[0], abort.signal),
    gateway.inquire('r', abort.signal),
  ]);
  abort.abort();
  expect(await answers).toMatchObject([
    { kind: 'not_executed', errorClass: 'aborted' },
    { kind: 'unknown', errorClass: 'aborted' },
  ]);
});

test('slots from a clock that was a day ahead delay nobody once it is set back', async () => {
  const [one, other] = processes(2, 10) as [CallBudget, CallBudget];
  expect(await one.reserve(1)).toBe(1);
  await database.pool.query(`update gateway_call_slots set next_call_at = next_call_at + interval '1 day'`);
  expect(await other.reserve(1)).toBe(1);
  expect(await nextCallIsIn()).toBeLessThan(10);
});
