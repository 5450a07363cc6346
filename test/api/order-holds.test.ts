import pg from 'pg';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { type ExpiryOptions, expireOrderHolds } from '../../src/order-holds/expire-order-holds.ts';
import { createHoldsSetAside } from '../../src/order-holds/holds-set-aside.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  const options = { runMs: 10_000, stepRows: 1000, reviewRows: 100_000, graceMs: 0 };
  expect(await runIntegrityCheck(database.pool, options)).toMatchObject({ kind: 'done', found: [] });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const keyed = (key?: string): Record<string, string> => (key ? { 'Idempotency-Key': key } : {});
const hold = (userId: bigint, body: object, key?: string) =>
  api.post(`/api/v1/accounts/${userId}/hold`, { order_id: 'order-1', amount: 30, ...body }, keyed(key));
const capture = (userId: bigint, body: object = {}, key?: string) =>
  api.post(`/api/v1/accounts/${userId}/capture`, { order_id: 'order-1', ...body }, keyed(key));
const release = (userId: bigint, body: object = {}, key?: string) =>
  api.post(`/api/v1/accounts/${userId}/release`, { order_id: 'order-1', ...body }, keyed(key));
const account = async (userId: bigint, query = '') =>
  (await api.get(`/api/v1/accounts/${userId}${query}`)).json;
const read = async (userId: bigint, orderId = 'order-1') =>
  (await api.get(`/api/v1/accounts/${userId}/hold?order_id=${encodeURIComponent(orderId)}`)).json;

/** What the postings of a hold did to each account. */
async function postingsOf(userId: bigint): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query(
    `select header.step, account.kind, account.user_id::int as user_id, entry.amount::int as amount
     from order_holds as hold
     join ledger_transactions as header on header.reference = 'hold:' || hold.id
     join ledger_entries as entry on entry.transaction_id = header.id
     join accounts as account on account.id = entry.account_id
     where hold.user_id = $1
     order by header.id, entry.amount`,
    [userId],
  );
  return rows;
}

/** Lets the time of a hold be over. */
async function passTime(userId: bigint, orderId = 'order-1'): Promise<void> {
  await database.pool.query(
    `update order_holds set expires_at = now() - interval '1 second' where user_id = $1 and order_id = $2`,
    [userId, orderId],
  );
}

/** Changes rows as somebody does who has the rights of a superuser and switches the triggers off. */
async function tamper(statement: string, values: readonly unknown[]): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    await client.query(statement, [...values]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** Takes away what keeps the money of a user's hold reserved, so that the hold cannot end. */
async function loseReservation(userId: bigint) {
  const where = "where user_id = $1 and purpose = 'order'";
  const { rows } = await database.pool.query(`select * from holds ${where}`, [userId]);
  await tamper(`delete from holds ${where}`, [userId]);
  const { subject_id: holdId, account_id, amount_minor, currency, expires_at } = rows[0];
  return {
    holdId: holdId as bigint,
    giveBack: () =>
      tamper(
        `insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency, expires_at)
         values ($1, 'order', $2, $3, $4, $5, $6)`,
        [userId, holdId, account_id, amount_minor, currency, expires_at],
      ),
  };
}

describe('a hold', () => {
  test('reserves money, and posts nothing', async () => {
    const userId = await world.user(100_00n);
    const answer = await hold(userId, { amount: 30, expires_in_seconds: 60 });
    expect(answer).toMatchObject({
      status: 201,
      json: {
        user_id: Number(userId),
        order_id: 'order-1',
        amount: 30,
        amount_minor: '3000',
        captured: 0,
        captured_minor: '0',
        released: 0,
        remaining: 30,
        remaining_minor: '3000',
        currency: 'USD',
        status: 'open',
        resolved_at: null,
      },
    });
    const { created_at, expires_at } = answer.json;
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(60_000);
    expect(answer.headers.get('location')).toBe(`/api/v1/accounts/${userId}/hold?order_id=order-1`);
    expect(await account(userId)).toEqual({
      user_id: Number(userId),
      external_id: null,
      wallet_id: answer.json.wallet_id,
      ...{ balance: 100, balance_minor: '10000' },
      ...{ held: 30, held_minor: '3000', available: 70, available_minor: '7000' },
      currency: 'USD',
      holds: [answer.json],
      has_more_holds: false,
    });
    expect(await read(userId)).toEqual(answer.json);
    expect(await postingsOf(userId)).toEqual([]);
  });

  test('keeps its money from withdrawals and from other holds', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, { amount: 70 });
    const refused = await hold(userId, { order_id: 'order-2', amount: '30.01' });
    expect(refused).toMatchObject({
      status: 422,
      json: {
        code: 'hold-not-funded',
        available_minor: '3000',
        needed_minor: '3001',
        errors: [{ field: 'amount', message: 'must not be more than the 30 USD that is available' }],
      },
    });
    const withdrawal = await api.post('/api/v1/payments/withdraw', { user_id: Number(userId), amount: 30 });
    expect(withdrawal).toMatchObject({ status: 422, json: { code: 'insufficient-funds' } });
    expect((await hold(userId, { order_id: 'order-2', amount: 30 })).status).toBe(201);
    expect(await account(userId)).toMatchObject({ available: 0, held: 100 });
  });

  test('is placed once for an order, and the same again is answered with it, whatever became of it', async () => {
    const userId = await world.user(100_00n);
    const first = await hold(userId, {});
    expect(await hold(userId, { expires_in_seconds: 5 })).toMatchObject({ status: 200, json: first.json });
    expect(await account(userId)).toMatchObject({ held: 30 });
    const released = await release(userId);
    expect(await hold(userId, {})).toMatchObject({ status: 200, json: released.json });
    expect(await account(userId)).toMatchObject({ held: 0, holds: [] });
  });

  test('of another amount or currency for the same order is refused, and names the first', async () => {
    const userId = await world.user(100_00n);
    await openWallet(userId, 'EUR', 50_00n);
    await hold(userId, {});
    expect(await hold(userId, { amount: 31 })).toMatchObject({
      status: 409,
      json: {
        code: 'order-held-differently',
        errors: [{ field: 'amount', message: 'must be the same as the first time: 30 USD' }],
        hold: { order_id: 'order-1', amount: 30, status: 'open' },
      },
    });
    expect(await hold(userId, { currency: 'EUR' })).toMatchObject({
      status: 409,
      json: { code: 'order-held-differently', errors: [{ field: 'currency' }] },
    });
    expect(await account(userId)).toMatchObject({ held: 30 });
    expect(await account(userId, '?currency=EUR')).toMatchObject({ held: 0 });
  });

  test('for an order of the same name belongs to its own user', async () => {
    const [one, other] = [await world.user(100_00n), await world.user(100_00n)];
    expect((await hold(one, {})).status).toBe(201);
    expect((await hold(other, { amount: 99 })).status).toBe(201);
    expect(await release(one)).toMatchObject({ status: 200 });
    expect(await account(other)).toMatchObject({ held: 99 });
  });

  test('that comes many times at once is placed once', async () => {
    const userId = await world.user(100_00n);
    const answers = await Promise.all(Array.from({ length: 12 }, () => hold(userId, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(11).fill(200), 201]);
    expect(await account(userId)).toMatchObject({ held: 30 });
  });

  test('that two processes place at once is placed once', async () => {
    const userId = await world.user(100_00n);
    const other = await startTestApi(database.databaseUrl);
    const path = `/api/v1/accounts/${userId}/hold`;
    for (let n = 0; n < 10; n += 1) {
      const body = { order_id: `order ${n}`, amount: 1 };
      const answers = await Promise.all([api.post(path, body), other.post(path, body)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    }
    await other.stop();
    expect(await account(userId)).toMatchObject({ held: 10 });
  });

  test('is of the wallet in the currency that is named, with its decimals', async () => {
    const userId = await world.user(100_00n);
    await openWallet(userId, 'JPY', 5000n);
    expect(await hold(userId, { amount: 1200, currency: 'JPY' })).toMatchObject({
      status: 201,
      json: { amount: 1200, amount_minor: '1200', currency: 'JPY' },
    });
    expect(await account(userId, '?currency=JPY')).toMatchObject({ balance: 5000, held: 1200 });
    expect(await account(userId)).toMatchObject({ held: 0, holds: [] });
    expect(await capture(userId, { amount: 0.5 })).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field: 'amount' }] },
    });
    expect(await capture(userId, { amount: 1000 })).toMatchObject({
      status: 200,
      json: { captured_minor: '1000', released_minor: '200' },
    });
  });
});

async function openWallet(userId: bigint, currency: string, balanceMinor: bigint): Promise<void> {
  const stranger = await world.user(balanceMinor, currency);
  await database.pool.query(
    `insert into accounts (user_id, kind, currency, scale, floor)
     select $1, 'wallet', currency, scale, 0 from accounts where user_id = $2`,
    [userId, stranger],
  );
  if (balanceMinor === 0n) return;
  const path = `/api/v1/accounts/${stranger}`;
  const amount = currency === 'JPY' ? Number(balanceMinor) : Number(balanceMinor) / 100;
  await api.post(`${path}/hold`, { order_id: 'to move', amount, currency });
  const moved = await api.post(`${path}/capture`, { order_id: 'to move', to_user_id: Number(userId) });
  expect(moved.status).toBe(200);
}

describe('a capture', () => {
  test('of the whole goes to our own sales where nobody is named', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    expect(await capture(userId)).toMatchObject({
      status: 200,
      json: { captured: 30, released: 0, remaining: 0, status: 'captured', resolved_at: expect.any(String) },
    });
    expect(await account(userId)).toMatchObject({ balance: 70, held: 0, available: 70, holds: [] });
    expect(await postingsOf(userId)).toEqual([
      { step: 'capture:1', kind: 'wallet', user_id: Number(userId), amount: -3000 },
      { step: 'capture:1', kind: 'sales', user_id: null, amount: 3000 },
    ]);
  });

  test('of a part goes to the wallet of another user, and the rest is released', async () => {
    const [userId, sellerId] = [await world.user(100_00n), await world.user(0n)];
    await hold(userId, {});
    const answer = await capture(userId, { amount: '12.34', to_user_id: Number(sellerId) });
    expect(answer).toMatchObject({
      status: 200,
      json: { captured: 12.34, released: 17.66, remaining: 0, status: 'captured' },
    });
    expect(await account(userId)).toMatchObject({ balance: 87.66, held: 0 });
    expect(await account(sellerId)).toMatchObject({ balance: 12.34, available: 12.34 });
    expect(await postingsOf(userId)).toEqual([
      { step: 'capture:1', kind: 'wallet', user_id: Number(userId), amount: -1234 },
      { step: 'capture:1', kind: 'wallet', user_id: Number(sellerId), amount: 1234 },
    ]);
    // Each entry is written for the user whose wallet it is, whoever paid.
    const { rows } = await database.pool.query(
      'select user_id::int from ledger_entries where amount = any (array[-1234, 1234]) order by amount',
    );
    expect(rows).toEqual([{ user_id: Number(userId) }, { user_id: Number(sellerId) }]);
  });

  test('in parts keeps the rest held, until the last part', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    expect(await capture(userId, { amount: 10, final: false })).toMatchObject({
      json: { captured: 10, released: 0, remaining: 20, status: 'open', resolved_at: null },
    });
    expect(await account(userId)).toMatchObject({ balance: 90, held: 20, available: 70 });
    expect(await capture(userId, { amount: '20.01', final: false })).toMatchObject({
      status: 422,
      json: {
        code: 'capture-exceeds-hold',
        errors: [{ field: 'amount', message: 'must not be more than the 20 USD that is still held' }],
        hold: { remaining: 20 },
      },
    });
    expect(await capture(userId, { amount: 20, final: false })).toMatchObject({
      json: { captured: 30, remaining: 0, status: 'captured' },
    });
    expect(await account(userId)).toMatchObject({ balance: 70, held: 0 });
  });

  test('of a part, and then a release, give back the rest', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    await capture(userId, { amount: 10, final: false });
    expect(await release(userId)).toMatchObject({
      json: { captured: 10, released: 20, remaining: 0, status: 'released' },
    });
    expect(await account(userId)).toMatchObject({ balance: 90, held: 0 });
  });
});

describe('nothing is done, and the field is named, for', () => {
  let userId: bigint;
  let other: bigint;
  beforeEach(async () => {
    userId = await world.user(100_00n);
    other = await world.user(0n, 'EUR');
    await hold(userId, {});
  });
  afterEach(async () => {
    expect(await account(userId)).toMatchObject({ balance: 100, held: 30 });
    expect(await read(userId)).toMatchObject({ status: 'open', remaining: 30 });
  });

  const NOBODY = 987_654_321n;
  test.each<[string, () => ReturnType<typeof hold>, number, string, string]>([
    ['a hold of an unknown user', () => hold(NOBODY, {}), 404, 'user-not-found', 'user_id'],
    ['a capture of an unknown user', () => capture(NOBODY), 404, 'user-not-found', 'user_id'],
    ['a release of an unknown user', () => release(NOBODY), 404, 'user-not-found', 'user_id'],
    [
      'a hold in a currency without a wallet',
      () => hold(userId, { order_id: 'x', currency: 'EUR' }),
      409,
      'wallet-not-found',
      'currency',
    ],
    [
      'a hold with too many decimals',
      () => hold(userId, { order_id: 'x', amount: '1.001' }),
      422,
      'validation-failed',
      'amount',
    ],
    [
      'a hold of nothing',
      () => hold(userId, { order_id: 'x', amount: 0 }),
      422,
      'validation-failed',
      'amount',
    ],
    ['a hold without an order', () => hold(userId, { order_id: '  ' }), 422, 'validation-failed', 'order_id'],
    [
      'a hold for no time',
      () => hold(userId, { order_id: 'x', expires_in_seconds: 0 }),
      422,
      'validation-failed',
      'expires_in_seconds',
    ],
    [
      'a hold for a part of a second',
      () => hold(userId, { order_id: 'x', expires_in_seconds: 1.5 }),
      422,
      'validation-failed',
      'expires_in_seconds',
    ],
    [
      'a hold for longer than a year',
      () => hold(userId, { order_id: 'x', expires_in_seconds: 31_536_001 }),
      422,
      'validation-failed',
      'expires_in_seconds',
    ],
    [
      'a capture of an unknown order',
      () => capture(userId, { order_id: 'x' }),
      404,
      'hold-not-found',
      'order_id',
    ],
    [
      'a release of an unknown order',
      () => release(userId, { order_id: 'x' }),
      404,
      'hold-not-found',
      'order_id',
    ],
    [
      'a capture with too many decimals',
      () => capture(userId, { amount: '1.001' }),
      422,
      'validation-failed',
      'amount',
    ],
    ['a capture of nothing', () => capture(userId, { amount: 0 }), 422, 'validation-failed', 'amount'],
    ['a capture below nothing', () => capture(userId, { amount: -1 }), 422, 'validation-failed', 'amount'],
    ['a capture of more', () => capture(userId, { amount: '30.01' }), 422, 'capture-exceeds-hold', 'amount'],
    [
      'a capture in another currency',
      () => capture(userId, { amount: 1, currency: 'EUR' }),
      422,
      'validation-failed',
      'currency',
    ],
    [
      'a capture to oneself',
      () => capture(userId, { to_user_id: Number(userId) }),
      422,
      'validation-failed',
      'to_user_id',
    ],
    [
      'a capture to nobody',
      () => capture(userId, { to_user_id: Number(NOBODY) }),
      404,
      'user-not-found',
      'to_user_id',
    ],
    [
      'a capture to a user without such a wallet',
      () => capture(userId, { to_user_id: Number(other) }),
      409,
      'wallet-not-found',
      'to_user_id',
    ],
    [
      'a capture to two places',
      () => capture(userId, { to_user_id: Number(other), to: 'sales' }),
      422,
      'validation-failed',
      'to',
    ],
    ['a capture to somewhere else', () => capture(userId, { to: 'fees' }), 422, 'validation-failed', 'to'],
    [
      'a capture that is final perhaps',
      () => capture(userId, { final: 'no' }),
      422,
      'validation-failed',
      'final',
    ],
    ['a release of a part', () => release(userId, { amount: 1 }), 422, 'validation-failed', 'amount'],
  ])('%s', async (_what, send, status, code, field) => {
    expect(await send()).toMatchObject({ status, json: { code, errors: [{ field }] } });
  });

  test('a hold that belongs to a payment', async () => {
    const paymentId = await world.accept(userId, { amountMinor: 10_00n });
    for (const send of [capture, release])
      expect(await send(userId, { order_id: `${paymentId}` })).toMatchObject({
        status: 404,
        json: { code: 'hold-not-found' },
      });
    expect(await account(userId)).toMatchObject({ held: 40.2 });
    await settle(paymentId);
  });

  /** The gateway refuses it, so that everything is as it was. */
  async function settle(paymentId: bigint): Promise<void> {
    const scripted = createScriptedGateway();
    scripted.answerSends(() => answers.refused);
    const worker = world.worker(scripted.gateway);
    worker.start();
    await waitUntil('an end', async () => (await world.payment(paymentId)).status === 'failed');
    await worker.stop(1000);
  }
});

describe('a hold that has ended is refused, and it is said how and when', () => {
  test.each<[string, (userId: bigint) => Promise<unknown>, string]>([
    ['captured', (userId) => capture(userId, { amount: 1 }), 'was captured at'],
    ['released', (userId) => release(userId), 'was released at'],
    ['expired', passTime, 'expired at'],
    ['expiring', passTime, 'expired at'],
  ])('%s', async (status, end, words) => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    await end(userId);
    if (status === 'expired') await expireOrderHolds(database.pool);
    for (const send of [capture, release]) {
      const refused = await send(userId);
      expect(refused).toMatchObject({ status: 409, json: { code: 'hold-ended', hold: { status } } });
      expect(refused.json.hold).toEqual(await read(userId));
      expect(refused.json.errors).toEqual([
        { field: 'order_id', message: expect.stringMatching(new RegExp(`^names a hold that ${words} 20`)) },
      ]);
    }
    await expireOrderHolds(database.pool);
  });
});

describe('a hold whose time is over', () => {
  test('cannot be captured, and the sweep lets its money go', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    await passTime(userId);
    expect(await capture(userId)).toMatchObject({ status: 409, json: { code: 'hold-ended' } });
    expect(await expireOrderHolds(database.pool)).toBe(1);
    expect(await read(userId)).toMatchObject({ status: 'expired', captured: 0, released: 30, remaining: 0 });
    expect(await account(userId)).toMatchObject({ balance: 100, held: 0, holds: [] });
    expect(await expireOrderHolds(database.pool)).toBe(0);
  });

  test('is expiring until the sweep has been there: it cannot be captured, and is still held', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    expect(await read(userId)).toMatchObject({ status: 'open' });
    await passTime(userId);
    const expiring = { status: 'expiring', remaining: 30, released: 0, resolved_at: null };
    expect(await read(userId)).toMatchObject(expiring);
    expect(await account(userId)).toMatchObject({ balance: 100, held: 30, available: 70, holds: [expiring] });
    // The same order again is answered with the hold as it is now, and another amount is refused beside it.
    expect(await hold(userId, {})).toMatchObject({ status: 200, json: expiring });
    expect(await hold(userId, { amount: 31 })).toMatchObject({
      json: { code: 'order-held-differently', hold: expiring },
    });
    // What is still held cannot be spent.
    expect(await hold(userId, { order_id: 'order-2', amount: 71 })).toMatchObject({
      json: { code: 'hold-not-funded', available: 70 },
    });
    expect(await expireOrderHolds(database.pool)).toBe(1);
    expect(await read(userId)).toMatchObject({ status: 'expired', remaining: 0, released: 30 });
    expect(await account(userId)).toMatchObject({ held: 0, available: 100, holds: [] });
  });

  test('lets go what was not captured', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, {});
    await capture(userId, { amount: 10, final: false });
    await passTime(userId);
    await expireOrderHolds(database.pool);
    expect(await read(userId)).toMatchObject({ status: 'expired', captured: 10, released: 20 });
  });

  test('is one of many, in slices, of which one that is locked is left to the next sweep', async () => {
    const users = await Promise.all(Array.from({ length: 7 }, () => world.user(100_00n)));
    for (const userId of users) {
      await hold(userId, {});
      await passTime(userId);
    }
    const client = await database.pool.connect();
    await client.query('begin');
    await client.query('select 1 from order_holds where user_id = $1 for update', [users[0]]);
    await client.query('select 1 from accounts where user_id = $1 for update', [users[3]]);
    const counts: number[] = [];
    expect(
      await expireOrderHolds(database.pool, { sliceRows: 2, onExpired: (count) => counts.push(count) }),
    ).toBe(5);
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
    await client.query('rollback');
    client.release();
    expect(await expireOrderHolds(database.pool)).toBe(2);
  });

  test('that is damaged does not keep others, before and behind it, from expiring; it is named, and tried again later', async () => {
    const users = await Promise.all(Array.from({ length: 9 }, () => world.user(100_00n)));
    for (const userId of users) {
      await hold(userId, {});
      await passTime(userId);
    }
    const damaged = await Promise.all(
      [users[2], users[6]].map((userId) => loseReservation(userId as bigint)),
    );
    const failed: bigint[] = [];
    const setAside = createHoldsSetAside();
    const sweep = (more: Partial<ExpiryOptions> = {}) =>
      expireOrderHolds(database.pool, { onFailed: ({ holdId }) => failed.push(holdId), setAside, ...more });
    expect(await sweep()).toBe(7);
    expect(new Set(failed)).toEqual(new Set(damaged.map(({ holdId }) => holdId)));
    expect(failed).toHaveLength(2);
    // The next sweep, a second later, leaves them alone, and lets go what has come since.
    const late = await world.user(100_00n);
    await hold(late, {});
    await passTime(late);
    expect(await sweep({ sliceRows: 1 })).toBe(1);
    expect(failed).toHaveLength(2);
    await Promise.all(damaged.map(({ giveBack }) => giveBack()));
    expect(await sweep()).toBe(0);
    expect(await sweep({ setAside: createHoldsSetAside() })).toBe(2);
    expect(failed).toHaveLength(2);
  });

  test('whose wallet does not exist is named, and not taken for one that is locked', async () => {
    const [userId, other] = [await world.user(100_00n), await world.user(100_00n)];
    for (const each of [userId, other]) {
      await hold(each, {});
      await passTime(each);
    }
    const { rows } = await database.pool.query('select wallet_id from order_holds where user_id = $1', [
      userId,
    ]);
    await tamper('update order_holds set wallet_id = 999999999 where user_id = $1', [userId]);
    const errors: string[] = [];
    const onFailed: ExpiryOptions['onFailed'] = (_hold, error) => errors.push((error as Error).message);
    expect(await expireOrderHolds(database.pool, { onFailed })).toBe(1);
    expect(errors).toEqual([
      expect.stringMatching(/^hold [0-9]+ is of account 999999999, which does not exist$/),
    ]);
    await tamper('update order_holds set wallet_id = $2 where user_id = $1', [userId, rows[0].wallet_id]);
    expect(await expireOrderHolds(database.pool)).toBe(1);
  });

  test('is told from one whose payment is under way, which never expires', async () => {
    const userId = await world.user(100_00n);
    const paymentId = await world.accept(userId, { amountMinor: 10_00n });
    await hold(userId, {});
    await passTime(userId);
    await expireOrderHolds(database.pool);
    expect(await account(userId)).toMatchObject({ held: 10.2, holds: [] });
    const { rows } = await database.pool.query(
      `select expires_at from holds where purpose = 'payment' and subject_id = $1`,
      [paymentId],
    );
    expect(rows).toEqual([{ expires_at: null }]);
  });
});

describe('while somebody else has what it needs', () => {
  let impatient: TestApi;
  beforeAll(async () => {
    impatient = await startTestApi(database.databaseUrl, { DATABASE_LOCK_TIMEOUT_SECONDS: '1' });
  });
  afterAll(() => impatient.stop());

  const LOCKED: Readonly<Record<string, string>> = {
    'the wallet': 'select 1 from accounts where user_id = $1 for update',
    'the hold': 'select 1 from order_holds where user_id = $1 for update',
    'what is reserved': 'select 1 from holds where user_id = $1 for update',
  };
  test.each(
    Object.keys(LOCKED).flatMap((what) => [
      [what, 'capture'],
      [what, 'release'],
    ]),
  )('%s, a %s is told to come again, and the same key is safe', async (what, action) => {
    const userId = await world.user(100_00n);
    expect(await hold(userId, {})).toMatchObject({ status: 201 });
    const send = () =>
      impatient.post(`/api/v1/accounts/${userId}/${action}`, { order_id: 'order-1' }, keyed('again'));
    const holder = await holdRows(database.ownerUrl, LOCKED[what] as string, [userId]);
    const busy = await send();
    expect(busy).toMatchObject({ status: 503, json: { code: 'wallet-busy', retry: 'same-key' } });
    expect(busy.headers.get('retry-after')).toBe('1');
    await holder.letGo();
    const done = await send();
    expect(done.status).toBe(200);
    expect((await send()).text).toBe(done.text);
    expect(await read(userId)).toMatchObject({ remaining: 0 });
  });

  test('the wallet that it goes to, a capture is told to come again, and others are not kept waiting', async () => {
    const [userId, merchant, other] = await Promise.all([1, 2, 3].map(() => world.user(100_00n)));
    for (const each of [userId, other]) await hold(each as bigint, {});
    const send = (from: unknown, to: unknown) =>
      impatient.post(`/api/v1/accounts/${from}/capture`, { order_id: 'order-1', to_user_id: Number(to) });
    const holder = await holdRows(database.ownerUrl, LOCKED['the wallet'] as string, [merchant]);
    const [busy, done] = await Promise.all([send(userId, merchant), send(other, userId)]);
    expect([busy.json.code, done.status]).toEqual(['wallet-busy', 200]);
    await holder.letGo();
    expect((await send(userId, merchant)).status).toBe(200);
  });
});

describe('with a key', () => {
  test('each is done once, and answered again with the very same bytes', async () => {
    const userId = await world.user(100_00n);
    for (const [name, send] of [
      ['hold', () => hold(userId, {}, 'h')],
      ['capture', () => capture(userId, { amount: 10, final: false }, 'c')],
      ['release', () => release(userId, {}, 'r')],
    ] as const) {
      const first = await send();
      const again = await send();
      expect([name, again.status, again.text]).toEqual([name, first.status, first.text]);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(first.headers.get('idempotency-replayed')).toBeNull();
    }
    expect(await read(userId)).toMatchObject({ captured: 10, released: 20 });
  });

  test('a refusal is kept, and another request under it is refused', async () => {
    const userId = await world.user(100_00n);
    const refused = await hold(userId, { amount: 101 }, 'too-much');
    expect(refused).toMatchObject({ status: 422, json: { code: 'hold-not-funded' } });
    const again = await hold(userId, { amount: '101.00' }, 'too-much');
    expect([again.status, again.text]).toEqual([refused.status, refused.text]);
    expect(await hold(userId, { amount: 99 }, 'too-much')).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused' },
    });
    // The order itself is free.
    expect(await hold(userId, { amount: 99 }, 'less')).toMatchObject({ status: 201 });
    expect((await capture(userId, { amount: 100 }, 'more')).json.code).toBe('capture-exceeds-hold');
    expect((await capture(userId, { amount: 100 }, 'more')).headers.get('idempotency-replayed')).toBe('true');
  });

  test('X-Idempotency-Key is one, too', async () => {
    const userId = await world.user(100_00n);
    const path = `/api/v1/accounts/${userId}/hold`;
    const send = () => api.post(path, { order_id: 'o', amount: 1 }, { 'X-Idempotency-Key': 'x' });
    await send();
    expect((await send()).headers.get('idempotency-replayed')).toBe('true');
  });

  test('whose answer has expired, the hold is named, and nothing is done again', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, { order_id: 'a/b?c' }, 'old');
    await database.pool.query(
      `update idempotency_keys set created_at = now() - interval '1 year' where scope = $1`,
      [userId],
    );
    const answer = await hold(userId, { order_id: 'a/b?c' }, 'old');
    expect(answer).toMatchObject({ status: 409, json: { code: 'idempotency-key-expired' } });
    expect(answer.headers.get('location')).toBe(`/api/v1/accounts/${userId}/hold?order_id=a%2Fb%3Fc`);
    expect((await api.get(answer.headers.get('location') as string)).json).toMatchObject({ status: 'open' });
  });

  test('whose answer has expired and was a refusal, what is there is named, and nothing else', async () => {
    const userId = await world.user(100_00n);
    await hold(userId, { order_id: 'too-much', amount: 101 }, 'not-funded');
    await hold(userId, {});
    await capture(userId, { amount: 31 }, 'exceeds');
    await release(userId);
    await release(userId, {}, 'ended');
    await database.pool.query(
      `update idempotency_keys set created_at = now() - interval '1 year' where scope = $1`,
      [userId],
    );
    const unnamed = await hold(userId, { order_id: 'too-much', amount: 101 }, 'not-funded');
    expect(unnamed.json.detail).toContain('was refused, and nothing was made');
    expect([unnamed.headers.get('location'), unnamed.json.user]).toEqual([null, undefined]);
    const path = `/api/v1/accounts/${userId}/hold?order_id=order-1`;
    for (const answer of [
      await capture(userId, { amount: 31 }, 'exceeds'),
      await release(userId, {}, 'ended'),
    ]) {
      expect(answer.json).toMatchObject({ code: 'idempotency-key-expired', order_hold: path });
      expect(answer.json.detail).toContain(`was refused. It was about ${path}.`);
      expect(answer.headers.get('location')).toBe(path);
    }
  });
});

describe('what is written down of a hold', () => {
  test('is never changed once the hold has ended, and never says that less was captured, whoever tries', async () => {
    const userId = await world.user(100_00n);
    for (const order_id of ['ended', 'open']) await hold(userId, { order_id });
    await capture(userId, { order_id: 'ended', amount: 10 });
    await capture(userId, { order_id: 'open', amount: 10, final: false });
    const attempts = [
      ['ended', 'released_minor = released_minor'],
      ['ended', `status = 'expired'`],
      ['ended', `status = 'open', resolved_at = null, released_minor = 0`],
      ['open', 'captured_minor = captured_minor - 1'],
      ['open', 'capture_count = capture_count - 1, captured_minor = 0'],
    ];
    const running = new pg.Client({ connectionString: database.databaseUrl });
    await running.connect();
    for (const [orderId, change] of attempts)
      for (const client of [database.pool, running])
        await expect(
          client.query(`update order_holds set ${change} where user_id = $1 and order_id = $2`, [
            userId,
            orderId,
          ]),
        ).rejects.toThrow('stays as it is');
    await running.end();
  });
});

test('an account lists a bounded number of open holds, and says that there are more', async () => {
  const userId = await world.user(1000_00n);
  await Promise.all(
    Array.from({ length: 101 }, (_, n) => hold(userId, { order_id: `order-${n}`, amount: 1 })),
  );
  const { holds, has_more_holds, held } = await account(userId);
  expect([holds.length, has_more_holds, held]).toEqual([100, true, 101]);
  await release(userId, { order_id: holds[0].order_id });
  expect(await account(userId)).toMatchObject({ has_more_holds: false, held: 100 });
});
