import { randomUUID } from 'node:crypto';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { expireOrderHolds } from '../../src/order-holds/expire-order-holds.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type TestWallet, type WalletWorld } from '../builders/wallet-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let world: PaymentWorld;
let wallets: WalletWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, { DATABASE_LOCK_TIMEOUT_SECONDS: '1' });
  wallets = createWalletWorld({ api, world, database });
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
const hold = (user: number | string, body: object, key?: string) =>
  api.post(`/api/v1/accounts/${user}/hold`, { order_id: 'order-1', amount: 30, ...body }, keyed(key));
const holdOf = ({ id }: TestWallet, body: object = {}, key?: string) =>
  api.post(wallets.at(id, '/hold'), { order_id: 'order-1', amount: 30, ...body }, keyed(key));
const capture = (user: number | string, body: object = {}, key?: string) =>
  api.post(`/api/v1/accounts/${user}/capture`, { order_id: 'order-1', ...body }, keyed(key));
const release = (user: number | string, body: object = {}, key?: string) =>
  api.post(`/api/v1/accounts/${user}/release`, { order_id: 'order-1', ...body }, keyed(key));
const account = async (user: number | string, query = '') =>
  (await api.get(`/api/v1/accounts/${user}${query}`)).json;
const amounts = async (wallet: TestWallet) => {
  const { balance_minor, held_minor } = await wallets.read(wallet);
  return [Number(balance_minor), Number(held_minor)];
};

/** A user with 100 in a wallet without a name, and `savings` beside it. */
async function saver(balance: number | string = 50, currency = 'USD') {
  const first = await wallets.wallet(100);
  const savings = await wallets.named(first.userId, 'savings', currency);
  if (Number(balance) > 0) {
    const source = await wallets.wallet(balance, currency);
    const moved = await api.post(wallets.at(source.id, '/transfer'), {
      to_wallet_id: savings.id,
      amount: balance,
    });
    if (moved.status !== 201) throw new Error(moved.text);
  }
  return { userId: first.userId, first, savings };
}

describe('a hold of a named wallet', () => {
  /** Both ways to ask for it. */
  const ways = {
    'that the body names': (wallet: TestWallet, body: object = {}, key?: string) =>
      hold(wallet.userId, { wallet_id: wallet.id, ...body }, key),
    'that the path names': holdOf,
  };

  describe.each(Object.entries(ways))('%s', (_way, place) => {
    test('reserves money of that wallet, and of no other', async () => {
      const { userId, first, savings } = await saver();
      const answer = await place(savings);
      expect(answer).toMatchObject({
        status: 201,
        json: { user_id: userId, order_id: 'order-1', wallet_id: savings.id, amount: 30, status: 'open' },
      });
      expect(answer.headers.get('location')).toBe(`/api/v1/accounts/${userId}/hold?order_id=order-1`);
      expect(await amounts(savings)).toEqual([5000, 3000]);
      expect(await amounts(first)).toEqual([10_000, 0]);
      expect((await api.get(answer.headers.get('location') ?? '')).json).toEqual(answer.json);
      expect(await account(userId, `?wallet_id=${savings.id}`)).toMatchObject({
        wallet_id: savings.id,
        ...{ balance: 50, held: 30, available: 20 },
        holds: [answer.json],
      });
      expect(await account(userId)).toMatchObject({ wallet_id: first.id, held: 0, holds: [] });
    });

    test('goes by what that wallet has', async () => {
      const { savings } = await saver(20);
      expect(await place(savings)).toMatchObject({
        status: 422,
        json: {
          code: 'hold-not-funded',
          available_minor: '2000',
          errors: [{ field: 'amount', message: 'must not be more than the 20 USD that is available' }],
        },
      });
      expect((await place(savings, { amount: 20 })).status).toBe(201);
    });

    test('reads the amount in the decimals of that wallet', async () => {
      const { savings } = await saver(5000, 'JPY');
      expect(await place(savings, { amount: '12.5' })).toMatchObject({
        status: 422,
        json: {
          code: 'validation-failed',
          errors: [{ field: 'amount', message: 'must have at most 0 decimals in JPY' }],
        },
      });
      expect(await place(savings, { currency: 'USD' })).toMatchObject({
        status: 422,
        json: {
          code: 'validation-failed',
          errors: [{ field: 'currency', message: 'must be JPY, the currency of the wallet' }],
        },
      });
      expect(await place(savings, { amount: 1200, currency: 'JPY' })).toMatchObject({
        status: 201,
        json: { currency: 'JPY', amount_minor: '1200' },
      });
    });

    test.each([
      ['nothing', 0, 'must be greater than 0'],
      ['less than nothing', -1, 'must be greater than 0'],
      ['no amount', undefined, 'is required'],
      ['words', 'thirty', 'must be a number, or a string with a decimal number'],
    ])('refuses %s', async (_what, amount, message) => {
      const { savings } = await saver();
      expect(await place(savings, { amount })).toMatchObject({
        status: 422,
        json: { code: 'validation-failed', errors: [{ field: 'amount', message }] },
      });
    });

    test('is refused while it is frozen and once it is closed, and stays refused for its key', async () => {
      const { savings } = await saver(0);
      for (const [action, code] of [
        ['freeze', 'wallet-frozen'],
        ['close', 'wallet-closed'],
      ] as const) {
        await wallets.change(action, savings);
        const refused = await place(savings, {}, action);
        expect(refused).toMatchObject({
          status: 409,
          json: { code, wallet_id: savings.id, errors: [{ field: 'wallet_id' }] },
        });
        expect(refused.headers.get('location')).toBeNull();
        expect((await place(savings, {}, action)).text).toBe(refused.text);
      }
    });

    test('with a key is placed once, and the key is of this wallet', async () => {
      const { userId, first, savings } = await saver();
      const placed = await place(savings, { amount: '30.0' }, 'once');
      const again = await place(savings, { amount: 30 }, 'once');
      expect([again.status, again.text]).toEqual([201, placed.text]);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      for (const other of [
        () => place(first, {}, 'once'),
        () => hold(userId, {}, 'once'),
        () => place(savings, { expires_in_seconds: 60 }, 'once'),
        () => place(savings, { order_id: 'order-2' }, 'once'),
        () => place(savings, { amount: 31 }, 'once'),
        () => place({ ...first, userId }, { amount: 31 }, 'once'),
      ])
        expect((await other()).json.code).toBe('idempotency-key-reused');
      expect(await amounts(savings)).toEqual([5000, 3000]);
    });

    test('is one for its order, however often it is asked for at once', async () => {
      const { savings } = await saver();
      const all = await Promise.all(Array.from({ length: 10 }, () => place(savings)));
      expect(all.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
      expect(await amounts(savings)).toEqual([5000, 3000]);
    });
  });

  test('is what a user is meant by who is named by a UUID, too', async () => {
    const uuid = randomUUID();
    await api.post(`/api/v1/accounts/${uuid}`, {});
    const { rows } = await database.pool.query('select id::int from users where external_id = $1', [uuid]);
    const savings = await wallets.named(rows[0].id, 'savings');
    const source = await wallets.wallet(50);
    await api.post(wallets.at(source.id, '/transfer'), { to_wallet_id: savings.id, amount: 50 });
    expect(await hold(uuid, { wallet_id: savings.id })).toMatchObject({
      status: 201,
      json: { wallet_id: savings.id },
    });
    expect(await account(uuid, `?wallet_id=${savings.id}`)).toMatchObject({ external_id: uuid, held: 30 });
  });

  test('means the same as a hold that names no wallet, if the wallet has no name', async () => {
    const { userId, first } = await saver();
    const placed = await hold(userId, { wallet_id: first.id }, 'same');
    expect(placed).toMatchObject({ status: 201, json: { wallet_id: first.id } });
    expect(await hold(userId, {}, 'same')).toMatchObject({ status: 201, text: placed.text });
    expect(await hold(userId, {})).toMatchObject({ status: 200, json: placed.json });
  });

  test('of somebody else, or that is not there, is refused alike, and its key stays free', async () => {
    const { userId, savings } = await saver();
    const theirs = await wallets.wallet();
    const withoutId = ({ text }: { text: string }) => text.replaceAll(/\d+/g, 'n');
    const foreign = await hold(userId, { wallet_id: theirs.id }, 'free');
    expect(foreign).toMatchObject({
      status: 409,
      json: {
        code: 'wallet-not-found',
        errors: [{ field: 'wallet_id', message: `is no wallet of user ${userId}` }],
      },
    });
    const unknown = await hold(userId, { wallet_id: 987_654_321 }, 'free');
    expect(withoutId(unknown)).toBe(withoutId(foreign));
    // Neither does an account of our own count as somebody's wallet.
    const { rows } = await database.pool.query(`select id::int from accounts where kind = 'sales' limit 1`);
    expect((await hold(userId, { wallet_id: rows[0]?.id ?? 1 }, 'free')).json.code).toBe('wallet-not-found');
    expect((await hold(userId, { wallet_id: savings.id }, 'free')).status).toBe(201);
    expect((await hold(userId, { wallet_id: theirs.id }, 'free')).json.code).toBe('idempotency-key-reused');
    expect(await hold(876_543_210, { wallet_id: theirs.id })).toMatchObject({
      status: 404,
      json: { code: 'user-not-found', errors: [{ field: 'user_id' }] },
    });
    expect(await holdOf({ id: 987_654_321, userId })).toMatchObject({
      status: 404,
      json: { code: 'no-such-wallet', errors: [{ field: 'wallet_id' }] },
    });
    expect(await amounts(theirs)).toEqual([10_000, 0]);
  });

  test.each([null, 0, -1, 1.5, '7', true, [], {}])('is not named by %j', async (wallet_id) => {
    const { userId } = await saver();
    expect(await hold(userId, { wallet_id })).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field: 'wallet_id' }] },
    });
  });

  test('takes the order of its user: the same order of another wallet is refused, and names the first', async () => {
    const { userId, first, savings } = await saver();
    const placed = await holdOf(savings);
    const differs = (message: string, field = 'wallet_id') => ({
      status: 409,
      json: { code: 'order-held-differently', hold: placed.json, errors: [{ field, message }] },
    });
    const mustBeOf = `must be the same as the first time: wallet ${savings.id}`;
    expect(await hold(userId, {})).toMatchObject(differs(mustBeOf));
    expect(await hold(userId, { wallet_id: first.id })).toMatchObject(differs(mustBeOf));
    expect(await holdOf(first)).toMatchObject(differs(mustBeOf));
    expect(await holdOf(savings, { amount: 31 })).toMatchObject(
      differs('must be the same as the first time: 30 USD', 'amount'),
    );
    expect(await holdOf(savings)).toMatchObject({ status: 200, json: placed.json });
    expect(await amounts(first)).toEqual([10_000, 0]);
    const other = await saver();
    expect((await holdOf(other.savings)).status).toBe(201);
  });

  test('keeps its wallet from being closed, until it has ended and the wallet is empty', async () => {
    const { userId, savings } = await saver(30);
    await holdOf(savings);
    expect(await wallets.change('close', savings)).toMatchObject({
      status: 409,
      json: { code: 'wallet-not-empty', held: 30 },
    });
    await capture(userId);
    expect(await wallets.change('close', savings)).toMatchObject({ status: 200, json: { state: 'closed' } });
  });
});

describe('what is held of a named wallet', () => {
  test('is captured of it in parts, and the rest goes back to it', async () => {
    const { userId, first, savings } = await saver();
    await holdOf(savings);
    expect(await capture(userId, { amount: 10, final: false })).toMatchObject({
      status: 200,
      json: { wallet_id: savings.id, captured: 10, remaining: 20 },
    });
    expect(await amounts(savings)).toEqual([4000, 2000]);
    expect(await capture(userId, { amount: 5 })).toMatchObject({
      json: { captured: 15, released: 15, status: 'captured' },
    });
    expect(await amounts(savings)).toEqual([3500, 0]);
    expect(await amounts(first)).toEqual([10_000, 0]);
    const [line] = (await api.get(`${wallets.at(savings.id)}/statement?kind=hold`)).json.items;
    expect(line).toMatchObject({ order_id: 'order-1', amount_minor: '-500', balance_after_minor: '3500' });
  });

  test('is released to it', async () => {
    const { userId, savings } = await saver();
    await holdOf(savings);
    expect(await release(userId)).toMatchObject({
      status: 200,
      json: { wallet_id: savings.id, status: 'released' },
    });
    expect(await amounts(savings)).toEqual([5000, 0]);
  });

  test('goes back to it when its time is over', async () => {
    const { userId, savings } = await saver();
    await holdOf(savings);
    await database.pool.query(
      `update order_holds set expires_at = now() - interval '1 second' where user_id = $1`,
      [userId],
    );
    expect(await expireOrderHolds(database.pool)).toBe(1);
    expect(await amounts(savings)).toEqual([5000, 0]);
    expect(await capture(userId)).toMatchObject({
      status: 409,
      json: { code: 'hold-ended', hold: { wallet_id: savings.id, status: 'expired' } },
    });
  });

  test('can be captured and released while the wallet is frozen', async () => {
    const { userId, savings } = await saver();
    await holdOf(savings);
    await holdOf(savings, { order_id: 'order-2', amount: 5 });
    await wallets.change('freeze', savings);
    expect((await capture(userId)).status).toBe(200);
    expect((await release(userId, { order_id: 'order-2' })).status).toBe(200);
    expect(await amounts(savings)).toEqual([2000, 0]);
  });

  test('is not in the way of what is locked: each wallet has a lock of its own', async () => {
    const { userId, first, savings } = await saver();
    const lock = 'select from accounts where id = $1 for update';
    let holder = await holdRows(database.ownerUrl, lock, [first.id]);
    expect((await holdOf(savings)).status).toBe(201);
    expect((await capture(userId, { amount: 10, final: false })).status).toBe(200);
    expect((await release(userId)).status).toBe(200);
    await holder.letGo();
    expect((await holdOf(savings, { order_id: 'order-2', amount: 5 })).status).toBe(201);
    holder = await holdRows(database.ownerUrl, lock, [savings.id]);
    for (const request of [
      () => holdOf(savings, { order_id: 'order-3', amount: 1 }),
      () => capture(userId, { order_id: 'order-2' }),
      () => release(userId, { order_id: 'order-2' }),
    ])
      expect(await request()).toMatchObject({ status: 503, json: { code: 'wallet-busy' } });
    expect((await hold(userId, { order_id: 'order-4', amount: 1 })).status).toBe(201);
    await holder.letGo();
    expect((await release(userId, { order_id: 'order-2' })).status).toBe(200);
  });
});

describe('a capture in favour of a named wallet', () => {
  test('goes to that wallet of another user, whichever wallet it is held of', async () => {
    const [giver, taker] = [await saver(), await saver()];
    await holdOf(giver.savings);
    await hold(giver.userId, { order_id: 'order-2', amount: 8 });
    expect(await capture(giver.userId, { to_wallet_id: taker.savings.id })).toMatchObject({
      status: 200,
      json: { wallet_id: giver.savings.id, captured: 30 },
    });
    expect(
      (await capture(giver.userId, { order_id: 'order-2', to_wallet_id: taker.savings.id })).status,
    ).toBe(200);
    expect(await amounts(giver.savings)).toEqual([2000, 0]);
    expect(await amounts(giver.first)).toEqual([9200, 0]);
    expect(await amounts(taker.savings)).toEqual([8800, 0]);
    expect(await amounts(taker.first)).toEqual([10_000, 0]);
    const { rows } = await database.pool.query(
      `select entry.user_id::int, entry.amount::int
       from ledger_entries as entry
       where entry.account_id = $1 order by entry.transaction_id desc limit 1`,
      [taker.savings.id],
    );
    expect(rows).toEqual([{ user_id: taker.userId, amount: 800 }]);
  });

  test('and one in favour of its user are two requests; of a wallet without a name they are one', async () => {
    const [giver, taker] = [await saver(), await saver()];
    await holdOf(giver.savings);
    const part = { amount: 1, final: false };
    const first = await capture(giver.userId, { ...part, to_user_id: taker.userId }, 'one');
    expect(first.status).toBe(200);
    expect((await capture(giver.userId, { ...part, to_wallet_id: taker.first.id }, 'one')).text).toBe(
      first.text,
    );
    expect((await capture(giver.userId, { ...part, to_wallet_id: taker.savings.id }, 'one')).json.code).toBe(
      'idempotency-key-reused',
    );
    expect((await capture(giver.userId, part, 'one')).json.code).toBe('idempotency-key-reused');
    expect(await amounts(taker.first)).toEqual([10_100, 0]);
  });

  test('that takes none is refused, and stays refused for its key', async () => {
    const strict = await startTestApi(database.databaseUrl, { WALLET_FROZEN_CREDITS: 'refuse' });
    const [giver, taker] = [await saver(), await saver(0)];
    await holdOf(giver.savings);
    const send = (key: string) =>
      strict.post(
        `/api/v1/accounts/${giver.userId}/capture`,
        { order_id: 'order-1', to_wallet_id: taker.savings.id },
        keyed(key),
      );
    for (const [action, code] of [
      ['freeze', 'wallet-frozen'],
      ['close', 'wallet-closed'],
    ] as const) {
      await wallets.change(action, taker.savings);
      const refused = await send(action);
      expect(refused).toMatchObject({
        status: 409,
        json: { code, wallet_id: taker.savings.id, errors: [{ field: 'to_wallet_id' }] },
      });
      expect((await send(action)).text).toBe(refused.text);
    }
    await strict.stop();
    expect(await amounts(giver.savings)).toEqual([5000, 3000]);
  });

  test.each<[string, (giver: Saver, taker: Saver) => object, number, string, string, RegExp]>([
    [
      'nobody',
      () => ({ to_wallet_id: 987_654_321 }),
      404,
      'no-such-wallet',
      'to_wallet_id',
      /names no wallet/,
    ],
    [
      'another wallet of the same user',
      ({ first }) => ({ to_wallet_id: first.id }),
      422,
      'validation-failed',
      'to_wallet_id',
      /must be a wallet of another user/,
    ],
    [
      'the wallet that it is held of',
      ({ savings }) => ({ to_wallet_id: savings.id }),
      422,
      'validation-failed',
      'to_wallet_id',
      /must be a wallet of another user/,
    ],
    [
      'a wallet in another currency',
      (_, { savings }) => ({ to_wallet_id: savings.id }),
      422,
      'validation-failed',
      'to_wallet_id',
      /must be a wallet in USD, and wallet \d+ is one in EUR/,
    ],
    [
      'a wallet and a user',
      (_, { first, userId }) => ({ to_wallet_id: first.id, to_user_id: userId }),
      422,
      'validation-failed',
      'to_user_id',
      /must not be given beside to_wallet_id/,
    ],
    [
      'a wallet and our own sales',
      (_, { first }) => ({ to_wallet_id: first.id, to: 'sales' }),
      422,
      'validation-failed',
      'to',
      /must not be given beside to_wallet_id/,
    ],
    ['no id', () => ({ to_wallet_id: '7' }), 422, 'validation-failed', 'to_wallet_id', /positive integer/],
  ])('is refused where it is to go to %s', async (_what, target, status, code, field, message) => {
    const [giver, taker] = [await saver(), await saver(10, 'EUR')];
    await holdOf(giver.savings);
    const refused = await capture(giver.userId, target(giver, taker), 'free');
    expect(refused).toMatchObject({
      status,
      json: { code, errors: [{ field, message: expect.stringMatching(message) }] },
    });
    expect(await amounts(giver.savings)).toEqual([5000, 3000]);
    expect((await capture(giver.userId, {}, 'free')).status).toBe(200);
  });
  type Saver = Awaited<ReturnType<typeof saver>>;

  test('and another the opposite way at once wait for each other, and nothing is lost', async () => {
    const pair = [await saver(), await saver()] as const;
    const orders = Array.from({ length: 12 }, (_, n) => ({ order_id: `order-${n}`, amount: 1 }));
    for (const { savings } of pair)
      for (const order of orders) expect((await holdOf(savings, order)).status).toBe(201);
    const all = await Promise.all(
      orders.flatMap(({ order_id }) =>
        pair.map(({ userId }, index) =>
          capture(userId, { order_id, to_wallet_id: (pair[1 - index] as Saver).savings.id }),
        ),
      ),
    );
    expect(all.map(({ status }) => status)).toEqual(Array(24).fill(200));
    for (const { savings } of pair) expect(await amounts(savings)).toEqual([5000, 0]);
  });
});

describe('an account', () => {
  test('is read by the wallet, which must be one of its user', async () => {
    const { userId, savings } = await saver();
    const theirs = await wallets.wallet();
    for (const query of [
      `?wallet_id=${theirs.id}`,
      '?wallet_id=987654321',
      `?wallet_id=${savings.id}&currency=EUR`,
    ])
      expect(await api.get(`/api/v1/accounts/${userId}${query}`)).toMatchObject({
        status: 409,
        json: { code: 'wallet-not-found', errors: [{ field: 'wallet_id' }] },
      });
    expect(await account(userId, `?wallet_id=${savings.id}&currency=USD`)).toMatchObject({ balance: 50 });
    expect((await api.get(`/api/v1/accounts/${userId}?wallet_id=abc`)).status).toBe(422);
    expect((await api.get('/api/v1/accounts/876543210?wallet_id=7')).json.code).toBe('user-not-found');
  });

  test('lists the holds of its wallet, and the list of all holds those of every wallet', async () => {
    const { userId, first, savings } = await saver();
    await holdOf(savings);
    await hold(userId, { order_id: 'order-2' });
    const held = (await account(userId, `?wallet_id=${savings.id}`)).holds;
    expect(held).toMatchObject([{ order_id: 'order-1', wallet_id: savings.id }]);
    expect((await account(userId)).holds).toMatchObject([{ order_id: 'order-2', wallet_id: first.id }]);
    expect((await api.get(`/api/v1/order-holds?user_id=${userId}`)).json.items).toMatchObject([
      { order_id: 'order-2', wallet_id: first.id },
      { order_id: 'order-1', wallet_id: savings.id },
    ]);
  });

  test('has its holds in the list of all, which is narrowed to a wallet', async () => {
    const { userId, first, savings } = await saver();
    for (const order_id of ['order-1', 'order-2', 'order-3']) await holdOf(savings, { order_id, amount: 1 });
    await hold(userId, { order_id: 'order-4' });
    await release(userId, { order_id: 'order-2' });
    const list = async (query: string) =>
      (await api.get(`/api/v1/order-holds?${query}`)).json.items.map(
        ({ order_id }: { order_id: string }) => order_id,
      );
    const ofSavings = `wallet_id=${savings.id}`;
    expect(await list(ofSavings)).toEqual(['order-3', 'order-1']);
    expect(await list(`${ofSavings}&state=all&user_id=${userId}`)).toEqual(['order-3', 'order-2', 'order-1']);
    expect(await list(`${ofSavings}&state=released`)).toEqual(['order-2']);
    expect(await list(`${ofSavings}&state=overdue`)).toEqual([]);
    expect(await list(`wallet_id=${first.id}`)).toEqual(['order-4']);
    const theirs = await wallets.wallet();
    for (const query of [`${ofSavings}&user_id=${theirs.userId}`, 'wallet_id=987654321&state=all'])
      expect((await api.get(`/api/v1/order-holds?${query}`)).json).toEqual({ items: [], next_cursor: null });
    expect((await api.get('/api/v1/order-holds?wallet_id=x')).json.errors).toMatchObject([
      { field: 'wallet_id' },
    ]);
  });

  test('is told apart by its ETag once something is held', async () => {
    const { userId, savings } = await saver();
    const at = `/api/v1/accounts/${userId}?wallet_id=${savings.id}`;
    const tag = (await api.get(at)).headers.get('etag') as string;
    const ask = () => api.request('GET', at, { headers: { 'If-None-Match': tag } });
    expect((await ask()).status).toBe(304);
    await holdOf(savings);
    expect((await ask()).status).toBe(200);
  });
});
