import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { expireOrderHolds } from '../../src/order-holds/expire-order-holds.ts';
import type { HoldForOrderOutcome } from '../../src/order-holds/hold-for-order.ts';
import { createOrderHolder } from '../../src/order-holds/hold-for-order.ts';
import { createOrderHoldResolver } from '../../src/order-holds/resolve-order-hold.ts';
import { createPaymentWorld, type PaymentWorld, WEEK_MS } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * Whoever captures a hold, releases it, or lets it expire at the same moment: one of them has it, and what was held is what was captured and
 * released.
 */

let database: TestDatabase;
let world: PaymentWorld;
let apis: TestApi[];

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  apis = await Promise.all([startTestApi(database.databaseUrl), startTestApi(database.databaseUrl)]);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  expect(await unresolvedSums()).toEqual([]);
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.stop()));
  await database.close();
});

/** Holds that do not add up with what was posted and what is reserved, by rules of this test's own. */
async function unresolvedSums(): Promise<unknown[]> {
  const { rows } = await database.pool.query(`
    select * from (
      select hold.*,
             coalesce((select sum(amount_minor) from holds where purpose = 'order' and subject_id = hold.id), 0) as reserved,
             coalesce((
               select -sum(entry.amount) from ledger_entries as entry
               join ledger_transactions as header on header.id = entry.transaction_id
               where header.reference = 'hold:' || hold.id and entry.account_id = hold.wallet_id
             ), 0) as posted
      from order_holds as hold
    ) as hold
    where captured_minor <> posted
       or captured_minor + released_minor + reserved <> amount_minor
       or (status <> 'open' and reserved <> 0)
       or (status = 'open' and released_minor <> 0)`);
  return rows;
}

async function heldOrder(): Promise<bigint> {
  const userId = await world.user(100_00n);
  const answer = await apis[0]!.post(`/api/v1/accounts/${userId}/hold`, { order_id: 'order', amount: 30 });
  expect(answer.status).toBe(201);
  return userId;
}

const resolve = (api: TestApi, action: 'capture' | 'release', userId: bigint, body: object = {}) =>
  api.post(`/api/v1/accounts/${userId}/${action}`, { order_id: 'order', ...body });
const read = async (userId: bigint) =>
  (await apis[0]!.get(`/api/v1/accounts/${userId}/hold?order_id=order`)).json;

/** Holds rows of a user locked while something is done, until as many others wait for a lock. */
async function whileLocked(
  statement: string,
  userId: bigint,
  {
    waiterCount,
    start,
    before = async () => {},
  }: {
    readonly waiterCount: number;
    readonly start: () => Promise<unknown>;
    readonly before?: (client: PoolClient) => Promise<unknown>;
  },
): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(statement, [userId]);
    const started = start();
    await waitUntil('those who wait', async () => {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`,
      );
      const others = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return Math.max(rows[0].count, others.rows[0].count) >= waiterCount;
    });
    await before(client as unknown as PoolClient);
    await client.query('commit');
    await started;
  } finally {
    client.release();
  }
}

const LOCK_HOLD = 'select 1 from order_holds where user_id = $1 for update';
const LOCK_RESERVED = `select 1 from holds where user_id = $1 and purpose = 'order' for update`;

test.each([
  ['capture', 'release'],
  ['release', 'capture'],
  ['capture', 'capture'],
  ['release', 'release'],
] as const)('a %s and a %s that wait for the same hold have one winner', async (one, other) => {
  const userId = await heldOrder();
  let answers: Awaited<ReturnType<typeof resolve>>[] = [];
  await whileLocked(LOCK_HOLD, userId, {
    waiterCount: 2,
    async start() {
      answers = await Promise.all([resolve(apis[0]!, one, userId), resolve(apis[1]!, other, userId)]);
    },
  });
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const winner = answers.find(({ status }) => status === 200);
  const loser = answers.find(({ status }) => status === 409);
  expect(loser?.json).toMatchObject({ code: 'hold-ended', hold: { status: winner?.json.status } });
  expect(await read(userId)).toEqual(winner?.json);
});

test('of two requests for one order that wait for the wallet, the second gets the hold of the first, and is not told that the money is gone', async () => {
  const userId = await world.user(50_00n);
  const holder = await holdRows(database.ownerUrl, 'select 1 from accounts where user_id = $1 for update', [
    userId,
  ]);
  const asked = Promise.all(
    apis.map((api) => api.post(`/api/v1/accounts/${userId}/hold`, { order_id: 'order', amount: 30 })),
  );
  await waitUntil('both wait', async () => (await countWaiting()) === 2, { pauseMs: 5 });
  await holder.letGo();
  const answers = await asked;
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
  expect(answers[0]!.json.amount_minor).toBe('3000');
  expect(answers[0]!.json).toEqual(answers[1]!.json);
});

/** Sessions of this database that wait for a row that another one has locked. */
async function countWaiting(): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0].count;
}

test('captures in parts that wait for the same hold take no more than it', async () => {
  const userId = await heldOrder();
  const part = { amount: 20, final: false };
  let answers: Awaited<ReturnType<typeof resolve>>[] = [];
  await whileLocked(LOCK_HOLD, userId, {
    waiterCount: 2,
    async start() {
      answers = await Promise.all(apis.map((api) => resolve(api, 'capture', userId, part)));
    },
  });
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect(await read(userId)).toMatchObject({ status: 'open', captured: 20, remaining: 10 });
});

test('a capture whose hold expires while it waits for it is refused, and the sweep has it', async () => {
  const userId = await heldOrder();
  let answer: Awaited<ReturnType<typeof resolve>> | undefined;
  await whileLocked(LOCK_HOLD, userId, {
    waiterCount: 1,
    async start() {
      answer = await resolve(apis[0]!, 'capture', userId);
    },
    before: (client) =>
      client.query('update order_holds set expires_at = clock_timestamp() where user_id = $1', [userId]),
  });
  expect(answer).toMatchObject({ status: 409, json: { code: 'hold-ended', hold: { status: 'expiring' } } });
  expect(await expireOrderHolds(database.pool)).toBe(1);
  expect(await read(userId)).toMatchObject({ status: 'expired', captured: 0, released: 30 });
});

test.each(['capture', 'release'] as const)(
  'a %s that comes while the sweep has the hold is told that it has expired',
  async (action) => {
    const userId = await heldOrder();
    await database.pool.query('update order_holds set expires_at = now() where user_id = $1', [userId]);
    let answer: Awaited<ReturnType<typeof resolve>> | undefined;
    let expiredCount = 0;
    await whileLocked(LOCK_RESERVED, userId, {
      waiterCount: 2,
      async start() {
        const sweeping = expireOrderHolds(database.pool);
        await waitUntil('a sweep that waits', async () => {
          const { rows } = await database.pool.query(
            `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          );
          return rows[0].count >= 1;
        });
        [answer, expiredCount] = await Promise.all([resolve(apis[0]!, action, userId), sweeping]);
      },
    });
    expect(expiredCount).toBe(1);
    expect(answer).toMatchObject({ status: 409, json: { code: 'hold-ended', hold: { status: 'expired' } } });
  },
);

test('a sweep leaves a hold that is being captured alone', async () => {
  const userId = await heldOrder();
  let answer: Awaited<ReturnType<typeof resolve>> | undefined;
  await whileLocked(LOCK_RESERVED, userId, {
    waiterCount: 1,
    async start() {
      answer = await resolve(apis[0]!, 'capture', userId);
    },
    before: async () => {
      // Its time is over for everybody who looks now; the capture has looked before.
      expect(await expireOrderHolds(database.pool)).toBe(0);
    },
  });
  expect(answer).toMatchObject({ status: 200, json: { status: 'captured' } });
});

test('a capture, a release and sweeps that come as its time ends: one of them has each hold, and it is said which', async () => {
  const users = await Promise.all(Array.from({ length: 24 }, heldOrder));
  // Some have ended before the first request is there, others end while requests wait for them.
  await database.pool.query(
    `update order_holds as hold
     set expires_at = clock_timestamp() + soon.n * interval '5 milliseconds'
     from unnest($1::bigint[]) with ordinality as soon (user_id, n)
     where hold.user_id = soon.user_id`,
    [users],
  );
  let isSwept = false;
  const sweeps = [1, 2].map(async () => {
    while (!isSwept) await expireOrderHolds(database.pool, { sliceRows: 3 });
  });
  const answers = await Promise.all(
    users.map((userId) =>
      Promise.all([resolve(apis[0]!, 'capture', userId), resolve(apis[1]!, 'release', userId)]),
    ),
  );
  await waitUntil('the last sweep', async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int as count from order_holds where user_id = any ($1) and status = 'open'`,
      [users],
    );
    return rows[0].count === 0;
  });
  isSwept = true;
  await Promise.all(sweeps);
  for (const [index, both] of answers.entries()) {
    const { status } = await read(users[index] as bigint);
    const winners = both.filter((answer) => answer.status === 200);
    expect(winners.map(({ json }) => json.status)).toEqual(status === 'expired' ? [] : [status]);
    for (const { json } of both.filter((answer) => answer.status !== 200)) {
      expect(json.code).toBe('hold-ended');
      // What is still held when it is refused, only time can end.
      expect(json.hold.status === 'expiring' ? 'expired' : json.hold.status).toBe(status);
    }
  }
});

type Move =
  | {
      readonly kind: 'hold';
      readonly user: number;
      readonly order: number;
      readonly amountMinor: bigint;
      readonly expires: boolean;
    }
  | {
      readonly kind: 'capture';
      readonly user: number;
      readonly order: number;
      readonly amountMinor: bigint | 'rest';
      readonly final: boolean;
      readonly to: number;
    }
  | { readonly kind: 'release'; readonly user: number; readonly order: number }
  | { readonly kind: 'expire' }
  | { readonly kind: 'withdraw'; readonly user: number };

test('whatever many do at once, holds add up, end once, and no wallet goes below its floor', async () => {
  const options = { pool: database.pool, responseTtlMs: WEEK_MS, maxBatchSize: 20, maxWaiting: 1000 };
  const renderResponse = (decision: unknown) => ({
    status: 200,
    body: JSON.stringify(decision, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  });
  // Two of each, as two processes have them.
  const holders = [1, 2].map(() => createOrderHolder({ ...options, renderResponse }));
  const resolvers = [1, 2].map(() =>
    createOrderHoldResolver({ ...options, frozenCredits: 'accept', renderResponse }),
  );
  let users: bigint[] = [];
  const allUsers: bigint[] = [];
  let round = 0;
  let capturedMinor = 0n;
  const endings = new Map<string, number>();

  async function move(next: Move, index: number): Promise<void> {
    const at = index % 2;
    if (next.kind === 'expire') {
      await expireOrderHolds(database.pool, { sliceRows: 2 });
      return;
    }
    const userId = users[next.user] as bigint;
    if (next.kind === 'withdraw') {
      await world.tryToAccept(userId, { amountMinor: 500n });
      return;
    }
    const orderId = `${round} ${next.order}`;
    const order = { userId, orderId, currency: 'USD', path: '/', idempotency: null };
    if (next.kind === 'hold') {
      const expiresInMs = next.expires ? 1 : WEEK_MS;
      const outcome: HoldForOrderOutcome = await holders[at]!.execute({
        ...order,
        amountMinor: next.amountMinor,
        expiresInMs,
      });
      expect(outcome.kind).toBe('decided');
      return;
    }
    const to = users[next.kind === 'capture' ? next.to : 0] as bigint;
    const outcome = await resolvers[at]!.execute({
      ...order,
      walletName: '',
      action:
        next.kind === 'release'
          ? { kind: 'release' }
          : {
              kind: 'capture',
              amountMinor: next.amountMinor,
              target: to === userId ? { kind: 'sales' } : { kind: 'user', userId: to },
              rest: next.final ? 'released' : 'stays_held',
            },
    });
    if (outcome.kind !== 'decided') throw new Error(outcome.kind);
    if (outcome.result.kind !== 'answered') return;
    const decision = JSON.parse(outcome.result.response.body);
    if (decision.kind === 'captured') capturedMinor += BigInt(decision.capturedMinor);
    if (['captured', 'released'].includes(decision.kind) && decision.hold.status !== 'open') {
      const name = `${userId} ${orderId}`;
      endings.set(name, (endings.get(name) ?? 0) + 1);
    }
  }

  const user = fc.nat(2);
  const order = fc.nat(2);
  const moves = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('hold' as const),
        user,
        order,
        amountMinor: fc.bigInt({ min: 1n, max: 6000n }),
        expires: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('capture' as const),
        user,
        order,
        amountMinor: fc.oneof(fc.constant('rest' as const), fc.bigInt({ min: 1n, max: 2000n })),
        final: fc.boolean(),
        to: fc.nat(2),
      }),
      fc.record({ kind: fc.constant('release' as const), user, order }),
      fc.constant({ kind: 'expire' as const }),
      fc.record({ kind: fc.constant('withdraw' as const), user }),
    ),
    { minLength: 15, maxLength: 50 },
  );
  await fc.assert(
    fc.asyncProperty(moves, async (sequence) => {
      round += 1;
      // Others each time, whose money is not spent yet.
      users = await Promise.all(Array.from({ length: 3 }, () => world.user(20_000n)));
      allUsers.push(...users);
      // First what is to be captured and released, some of it twice; then everything at once, and the same holds again.
      const holds = sequence.filter(({ kind }) => kind === 'hold');
      const ended = [
        ...(await Promise.allSettled(holds.map(move))),
        ...(await Promise.allSettled(sequence.map(move))),
      ];
      expect(ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))).toEqual([]);
      expect(await world.violations()).toEqual([]);
      expect(await unresolvedSums()).toEqual([]);
    }),
    { numRuns: 25, endOnFailure: true },
  );
  expect([...endings.values()].filter((count) => count > 1)).toEqual([]);
  expect(endings.size).toBeGreaterThan(10);
  const { rows } = await database.pool.query(
    'select coalesce(sum(captured_minor), 0)::bigint as captured from order_holds where user_id = any ($1)',
    [allUsers],
  );
  expect(rows[0].captured).toBe(capturedMinor);
});
