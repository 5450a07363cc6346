import { randomUUID } from 'node:crypto';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type WalletWorld } from '../builders/wallet-world.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let world: PaymentWorld;
let wallets: WalletWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  wallets = createWalletWorld({ api, world, database });
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const UNKNOWN = 987_654_321;

/** What a user of each test has: wallets in dollars and yen, orders held in both, and a settled deposit in each. */
interface Things {
  readonly userId: number;
  readonly usd: number;
  readonly jpy: number;
  readonly deposits: { readonly usd: number; readonly jpy: number; readonly failed: number };
  readonly withdrawal: number;
}

async function things(): Promise<Things> {
  const { userId, id: usd } = await wallets.wallet(1000);
  const jpy = (await api.post('/api/v1/wallets', { user_id: userId, currency: 'JPY' })).json.id;
  const deposit = async (wallet: number, amount: number) =>
    (await api.post(wallets.at(wallet, '/deposit'), { amount })).json.payment_id;
  const deposits = { usd: await deposit(usd, 200), jpy: await deposit(jpy, 20_000) };
  const withdrawal = (await api.post(wallets.at(usd, '/withdraw'), { amount: 10 })).json.payment_id;
  await wallets.carryOut();
  const failed = await deposit(usd, 5);
  await wallets.carryOut('refused');
  const hold = (order_id: string, amount: number, currency: string) =>
    api.post(`/api/v1/accounts/${userId}/hold`, { order_id, amount, currency });
  expect((await hold('in dollars', 30, 'USD')).status).toBe(201);
  expect((await hold('also in dollars', 30, 'USD')).status).toBe(201);
  expect((await hold('in yen', 300, 'JPY')).status).toBe(201);
  return { userId, usd, jpy, deposits: { ...deposits, failed }, withdrawal };
}

interface Attempt {
  readonly path: string;
  readonly body: object;
}

/** For each command: a request that is carried out, and others with which nothing can be done, and why. */
const COMMANDS: Readonly<
  Record<string, (has: Things) => { readonly first: Attempt; readonly others: Record<string, Attempt> }>
> = {
  capture: ({ userId }) => {
    const path = `/api/v1/accounts/${userId}/capture`;
    const body = { order_id: 'in dollars', amount: '10.50', final: false };
    const other = (change: object) => ({ path, body: { ...body, ...change } });
    return {
      first: { path, body },
      others: {
        'hold-not-found': other({ order_id: 'nowhere' }),
        'validation-failed': other({ order_id: 'in yen' }),
        'validation-failed, for it names another currency': other({ currency: 'JPY' }),
        'validation-failed, for it goes to oneself': other({ to_user_id: userId }),
        'user-not-found': other({ to_user_id: UNKNOWN }),
        'user-not-found, by a UUID': other({ to_user_id: randomUUID() }),
      },
    };
  },
  release: ({ userId }) => {
    const path = `/api/v1/accounts/${userId}/release`;
    return {
      first: { path, body: { order_id: 'in dollars' } },
      others: { 'hold-not-found': { path, body: { order_id: 'nowhere' } } },
    };
  },
  transfer: ({ usd, jpy }) => {
    const path = wallets.at(usd, '/transfer');
    const body = { to_wallet_id: otherWallet, amount: '10.50' };
    const other = (change: object, from = usd) => ({
      path: wallets.at(from, '/transfer'),
      body: { ...body, ...change },
    });
    return {
      first: { path, body },
      others: {
        'no-such-wallet': other({ to_wallet_id: UNKNOWN }),
        'validation-failed, for it goes to itself': other({ to_wallet_id: usd }),
        'validation-failed, for it goes to another currency': other({ to_wallet_id: jpy }),
        'validation-failed, for it comes from another currency': other({}, jpy),
      },
    };
  },
  'wallet deposit': ({ usd, jpy }) => ({
    first: { path: wallets.at(usd, '/deposit'), body: { amount: '10.50' } },
    others: {
      'validation-failed': { path: wallets.at(jpy, '/deposit'), body: { amount: '10.50' } },
      'validation-failed, for it names another currency': {
        path: wallets.at(jpy, '/deposit'),
        body: { amount: 10, currency: 'USD' },
      },
    },
  }),
  'wallet withdrawal': ({ usd, jpy }) => ({
    first: { path: wallets.at(usd, '/withdraw'), body: { amount: '10.50' } },
    others: { 'validation-failed': { path: wallets.at(jpy, '/withdraw'), body: { amount: '10.50' } } },
  }),
  refund: ({ deposits, withdrawal }) => {
    const path = (id: number) => `/api/v1/payments/${id}/refunds`;
    const body = { amount: '10.50' };
    return {
      first: { path: path(deposits.usd), body },
      others: {
        'validation-failed': { path: path(deposits.jpy), body },
        'payment-not-refundable, for it has failed': { path: path(deposits.failed), body },
        'payment-not-refundable, for it is no deposit': { path: path(withdrawal), body },
      },
    };
  },
};
let otherWallet: number;

describe.each(Object.entries(COMMANDS))('a %s', (_name, requestsOf) => {
  let requests: ReturnType<typeof requestsOf>;
  const send = ({ path, body }: Attempt, key: string): Promise<ApiAnswer> =>
    api.post(path, body, { 'Idempotency-Key': key });

  beforeEach(async () => {
    otherWallet = (await wallets.wallet(0)).id;
    requests = requestsOf(await things());
  });

  test('whose key was used is told so, whatever it names now; with a new key it is told what is wrong', async () => {
    const first = await send(requests.first, 'used');
    expect(first.status).toBeLessThan(300);
    for (const [why, attempt] of Object.entries(requests.others)) {
      const reused = await send(attempt, 'used');
      expect([why, reused.status, reused.json.code]).toEqual([why, 422, 'idempotency-key-reused']);
      const unused = await send(attempt, `new-${randomUUID()}`);
      expect([why, unused.json.code]).toEqual([why, why.split(',')[0]]);
    }
    const again = await send(requests.first, 'used');
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('whose key was used is told so, too, once the stored answer has expired', async () => {
    await send(requests.first, 'used');
    await database.pool.query(`update idempotency_keys set created_at = now() - interval '1 year'`);
    for (const attempt of Object.values(requests.others))
      expect((await send(attempt, 'used')).json.code).toBe('idempotency-key-reused');
    expect((await send(requests.first, 'used')).json.code).toBe('idempotency-key-expired');
  });

  test('with which nothing could be done leaves its key free', async () => {
    const [attempt] = Object.values(requests.others) as [Attempt];
    expect((await send(attempt, 'corrected')).status).toBeGreaterThanOrEqual(400);
    const corrected = await send(requests.first, 'corrected');
    expect(corrected.status).toBeLessThan(300);
    expect(corrected.headers.get('idempotency-replayed')).toBeNull();
  });

  test('whose key is malformed is told so, whatever it names', async () => {
    for (const attempt of Object.values(requests.others))
      expect((await send(attempt, 'a b')).json.code).toBe('idempotency-key-malformed');
  });
});

test('what is told of a key is counted as a conflict, and as a refusal of its command', async () => {
  const { userId } = await things();
  const count = async (series: string) => {
    const line = (await api.get('/metrics')).text.split('\n').find((each) => each.startsWith(`${series} `));
    return Number(line?.split(' ').at(-1));
  };
  const series = [
    'tollgate_idempotency_conflicts_total',
    'tollgate_order_holds_refused_total{action="release",reason="key_reused"}',
  ];
  const before = await Promise.all(series.map(count));
  const release = (order_id: string) =>
    api.post(`/api/v1/accounts/${userId}/release`, { order_id }, { 'Idempotency-Key': 'used' });
  await release('in dollars');
  await release('nowhere');
  expect(await Promise.all(series.map(count))).toEqual(before.map((value) => value + 1));
});

test('a key belongs to a user, so it cannot be looked for where a path leads to none', async () => {
  const { userId, usd } = await things();
  await api.post(
    `/api/v1/accounts/${userId}/release`,
    { order_id: 'in dollars' },
    { 'Idempotency-Key': 'u' },
  );
  const codeOf = async (path: string, body: object) =>
    (await api.post(path, body, { 'Idempotency-Key': 'u' })).json.code;
  const transfer = { to_wallet_id: usd, amount: 1 };
  expect(await codeOf(wallets.at(UNKNOWN, '/transfer'), transfer)).toBe('no-such-wallet');
  expect(await codeOf(`/api/v1/payments/${UNKNOWN}/refunds`, {})).toBe('payment-not-found');
  expect(await codeOf(`/api/v1/accounts/${randomUUID()}/release`, { order_id: 'x' })).toBe('user-not-found');
});
