import { randomUUID } from 'node:crypto';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type TestWallet, type WalletWorld } from '../builders/wallet-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let world: PaymentWorld;
let wallets: WalletWorld;
let api: TestApi;
let strict: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  strict = await startTestApi(database.databaseUrl, { WALLET_FROZEN_CREDITS: 'refuse' });
  wallets = createWalletWorld({ api, world, database });
});
afterAll(async () => {
  await Promise.all([api.stop(), strict.stop()]);
  await database.close();
});

interface Owner extends TestWallet {
  readonly uuid: string;
}

/** A user with a number and a UUID, and 100 in a wallet. */
async function owner(): Promise<Owner> {
  const uuid = randomUUID();
  await api.post(`/api/v1/accounts/${uuid}`, {});
  const { rows } = await database.pool.query(
    `select users.id::int as "userId", accounts.id::int as id
     from users join accounts on accounts.user_id = users.id where external_id = $1`,
    [uuid],
  );
  await api.post('/api/v1/payments/deposit', { user_id: rows[0].userId, deposit: 200 });
  await wallets.carryOut();
  return { ...rows[0], uuid };
}

/** Everything that a wallet in a state that refuses it is asked for: where, what, and which header says whose. */
const ASKED: Readonly<
  Record<
    string,
    (who: Owner) => {
      readonly path: string;
      readonly body: object;
      readonly headers?: Record<string, string>;
    }
  >
> = {
  'a deposit': ({ userId }) => ({
    path: '/api/v1/payments/deposit',
    body: { user_id: userId, deposit: 1 },
  }),
  'a withdrawal': ({ userId }) => ({
    path: '/api/v1/payments/withdraw',
    body: { user_id: userId, amount: 1 },
  }),
  'a deposit to a wallet': ({ id }) => ({ path: wallets.at(id, '/deposit'), body: { amount: 1 } }),
  'a withdrawal from a wallet': ({ id }) => ({ path: wallets.at(id, '/withdraw'), body: { amount: 1 } }),
  'a deposit to an account': ({ userId }) => ({
    path: `/api/v1/accounts/${userId}/deposit`,
    body: { amount: 1 },
  }),
  'a deposit to an account of a UUID': ({ uuid }) => ({
    path: `/api/v1/accounts/${uuid.toUpperCase()}/deposit`,
    body: { amount: 1 },
  }),
  'a deposit for the user of a header': ({ uuid }) => ({
    path: '/api/v1/accounts/deposit',
    body: { amount: 1 },
    headers: { 'X-User-Id': uuid },
  }),
  'a deposit to a single wallet': ({ userId }) => ({
    path: `/api/wallet/${userId}/deposit`,
    body: { deposit: 1 },
  }),
  'a hold': ({ userId }) => ({
    path: `/api/v1/accounts/${userId}/hold`,
    body: { order_id: 'late', amount: 1 },
  }),
  'a hold of a UUID': ({ uuid }) => ({
    path: `/api/v1/accounts/${uuid}/hold`,
    body: { order_id: 'late', amount: 1 },
  }),
  'a transfer': ({ id }) => ({
    path: wallets.at(id, '/transfer'),
    body: { to_wallet_id: other.id, amount: 1 },
  }),
};
let other: TestWallet;

test.each(Object.entries(ASKED))(
  '%s that a frozen wallet refuses names the path that was asked, now and when it is asked again',
  async (_what, asked) => {
    other = await wallets.wallet();
    const who = await owner();
    await wallets.change('freeze', who);
    const { path, body, headers = {} } = asked(who);
    const send = () => strict.post(path, body, { 'Idempotency-Key': 'refused', ...headers });
    const refused = await send();
    expect(refused).toMatchObject({ status: 409, json: { code: 'wallet-frozen', instance: path } });
    const again = await send();
    expect([again.headers.get('idempotency-replayed'), again.text]).toEqual(['true', refused.text]);
  },
);

test('a capture and a release of a user who is named by a UUID name the path that was asked', async () => {
  const { uuid } = await owner();
  const order = { order_id: 'order-1' };
  await api.post(`/api/v1/accounts/${uuid}/hold`, { ...order, amount: 10 });
  const capture = `/api/v1/accounts/${uuid}/capture`;
  expect((await api.post(capture, { ...order, amount: 11 })).json).toMatchObject({
    code: 'capture-exceeds-hold',
    instance: capture,
  });
  const release = `/api/v1/accounts/${uuid}/release`;
  await api.post(release, order);
  for (const path of [capture, release])
    expect((await api.post(path, order)).json).toMatchObject({ code: 'hold-ended', instance: path });
});

test('a problem leaves out the query of the path', async () => {
  const { json } = await api.post('/api/v1/payments/deposit?a=b', { user_id: 1, deposit: 1 });
  expect(json).toMatchObject({ code: 'validation-failed', instance: '/api/v1/payments/deposit' });
});

describe('an amount that the fee leaves nothing of is named as it was sent', () => {
  beforeAll(async () => {
    const fee = { kind: 'deposit', currency: 'USD', fixed: 5, payer: 'recipient' };
    const set = await api.post('/api/v1/currency/fees', { ...fee, by: 'ana', reason: 'a test' });
    expect(set.status).toBe(201);
  });

  test.each(['amount', 'deposit'])('%s', async (name) => {
    const { userId, id } = await wallets.wallet();
    for (const path of [
      wallets.at(id, '/deposit'),
      `/api/v1/accounts/${userId}/deposit`,
      `/api/wallet/${userId}/deposit`,
    ])
      expect((await api.post(path, { [name]: 3 })).json).toMatchObject({
        code: 'validation-failed',
        instance: path,
        errors: [{ field: name, message: expect.stringContaining('must be at least the fee of 5 USD') }],
      });
  });
});
