import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type TestWallet, type WalletWorld } from '../builders/wallet-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let world: PaymentWorld;
let wallets: WalletWorld;
let api: TestApi;
let first: TestWallet;
let savings: TestWallet;
let other: TestWallet;
/** Newest first. */
const paymentsOf = new Map<number, number[]>();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  wallets = createWalletWorld({ api, world, database });
  first = await wallets.wallet();
  savings = await wallets.named(first.userId, 'savings');
  other = await wallets.wallet();
  for (let n = 1; n <= 7; n += 1) for (const wallet of [first, savings, other]) await deposit(wallet, n);
  await wallets.carryOut();
  await pay(savings, 'withdraw', 2);
  await pay(savings, 'withdraw', 1000);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const deposit = (wallet: TestWallet, amount: number) => pay(wallet, 'deposit', amount);
async function pay({ id }: TestWallet, what: 'deposit' | 'withdraw', amount: number): Promise<void> {
  const { json } = await api.post(wallets.at(id, `/${what}`), { amount });
  paymentsOf.set(id, [json.payment_id, ...(paymentsOf.get(id) ?? [])]);
}
const list = (query: string) => api.get(`/api/v1/payments?${query}`);
const idsOf = async (query: string): Promise<number[]> =>
  (await list(query)).json.items.map(({ payment_id }: { payment_id: number }) => payment_id);

test('the payments of a wallet are listed, newest first, with or without its user', async () => {
  for (const wallet of [first, savings, other]) {
    expect(await idsOf(`wallet_id=${wallet.id}`)).toEqual(paymentsOf.get(wallet.id));
    expect(await idsOf(`wallet_id=${wallet.id}&user_id=${wallet.userId}`)).toEqual(paymentsOf.get(wallet.id));
    const { json } = await list(`wallet_id=${wallet.id}`);
    for (const item of json.items)
      expect(item).toMatchObject({ wallet_id: wallet.id, user_id: wallet.userId });
  }
});

test('a wallet is filtered by beside everything else', async () => {
  const [refused, withdrawn, ...deposited] = paymentsOf.get(savings.id) ?? [];
  const ofSavings = `wallet_id=${savings.id}`;
  expect(await idsOf(`${ofSavings}&type=withdraw`)).toEqual([refused, withdrawn]);
  expect(await idsOf(`${ofSavings}&status=success`)).toEqual(deposited);
  expect(await idsOf(`${ofSavings}&status=processing`)).toEqual([withdrawn]);
  expect(await idsOf(`${ofSavings}&status=failed&type=withdraw`)).toEqual([refused]);
  expect(await idsOf(`${ofSavings}&status=unknown`)).toEqual([]);
  expect(await idsOf(`${ofSavings}&amount_min=6&amount_max=7`)).toEqual(deposited.slice(0, 2));
  expect(await idsOf(`${ofSavings}&created_before=2020-01-01T00:00:00Z`)).toEqual([]);
  expect(await idsOf(`${ofSavings}&created_after=2020-01-01T00:00:00Z`)).toEqual(paymentsOf.get(savings.id));
});

test('pages of a wallet have each of its payments once, while others come in', async () => {
  const found: number[] = [];
  const before = [...(paymentsOf.get(savings.id) ?? [])];
  for (let path: string | undefined = `/api/v1/payments?wallet_id=${savings.id}&limit=2`; path; ) {
    const { json, headers } = await api.get(path);
    found.push(...json.items.map(({ payment_id }: { payment_id: number }) => payment_id));
    path = /<(.*)>/.exec(headers.get('link') ?? '')?.[1];
    expect(path?.includes(`wallet_id=${savings.id}`) ?? json.next_cursor === null).toBe(true);
    for (const wallet of [first, savings]) await deposit(wallet, 1);
  }
  expect(found).toEqual(before);
});

test('a page of a wallet that has not changed is not sent again', async () => {
  const at = `/api/v1/payments?wallet_id=${other.id}&limit=3`;
  const tag = (await api.get(at)).headers.get('etag') as string;
  const ask = () => api.request('GET', at, { headers: { 'If-None-Match': tag } });
  expect((await ask()).status).toBe(304);
  await deposit(first, 1);
  expect((await ask()).status).toBe(304);
  await deposit(other, 1);
  const changed = await ask();
  expect([changed.status, changed.headers.get('etag') === tag]).toEqual([200, false]);
});

test('a wallet that is not there, or is of somebody else, has no payments', async () => {
  const { rows } = await database.pool.query(`select id::int from accounts where user_id is null limit 1`);
  for (const query of [
    'wallet_id=987654321',
    `wallet_id=${rows[0].id}`,
    `wallet_id=${savings.id}&user_id=${other.userId}`,
    `wallet_id=987654321&status=processing`,
  ])
    expect((await list(query)).json).toEqual({ items: [], next_cursor: null });
});

test.each(['abc', '0', '-1', '1.5', '', '07', '9007199254740993'])('%j is no wallet', async (id) => {
  expect(await list(`wallet_id=${id}`)).toMatchObject({
    status: 422,
    json: { code: 'validation-failed', errors: [{ field: 'wallet_id' }] },
  });
});

test('a wallet that is named twice is refused', async () => {
  expect(await list('wallet_id=1&wallet_id=2')).toMatchObject({
    status: 422,
    json: { errors: [{ field: 'wallet_id', message: 'must be given once' }] },
  });
});

test('anyone may list the payments of a wallet, as those of a user; all payments are for operators', async () => {
  const guarded = await startTestApi(database.databaseUrl, { OPERATOR_TOKEN: 'a-token-of-operators' });
  expect((await guarded.get(`/api/v1/payments?wallet_id=${savings.id}`)).status).toBe(200);
  expect((await guarded.get('/api/v1/payments')).status).toBe(401);
  await guarded.stop();
});

test('a search by key or reference is narrowed to a wallet', async () => {
  for (const wallet of [first, savings, other])
    await api.post(wallets.at(wallet.id, '/deposit'), { amount: 3 }, { 'Idempotency-Key': `k-${wallet.id}` });
  const search = async (query: string) =>
    (await api.get(`/api/v1/payments/search?${query}`)).json.items.map(
      ({ wallet_id }: { wallet_id: number }) => wallet_id,
    );
  const key = `idempotency_key=k-${savings.id}`;
  expect(await search(key)).toEqual([savings.id]);
  expect(await search(`${key}&wallet_id=${savings.id}`)).toEqual([savings.id]);
  expect(await search(`${key}&wallet_id=${first.id}`)).toEqual([]);
  expect(await search(`${key}&wallet_id=987654321`)).toEqual([]);
  const [paid] = (await list(`wallet_id=${savings.id}&status=success&limit=1`)).json.items;
  const reference = `gateway_reference=${encodeURIComponent(paid.gateway_reference)}`;
  expect(await search(`${reference}&wallet_id=${savings.id}`)).toContain(savings.id);
  expect(await search(`${reference}&wallet_id=987654321`)).toEqual([]);
});
