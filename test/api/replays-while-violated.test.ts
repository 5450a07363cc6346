import { randomUUID } from 'node:crypto';
import { giveRates, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { createWalletWorld, type WalletWorld } from '../builders/wallet-world.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let wallets: WalletWorld;
let api: TestApi;

interface Sent {
  readonly path: string;
  readonly body: object;
  readonly key: string;
  /** The same request for something that was not asked for before. */
  readonly anew: object;
  readonly first: ApiAnswer;
}

/** What each command was asked for while money still moved. */
const sent = new Map<string, Sent>();
const KEYED = [
  ...['deposit', 'withdrawal', 'withdrawal that was refused', 'refund', 'deposit that waits'],
  ...['deposit to a wallet', 'withdrawal from a wallet', 'transfer', 'conversion', 'conversion of a wallet'],
  ...['hold', 'hold of a wallet', 'capture', 'release', 'user', 'user with a name', 'bulk redrive'],
];
/** What operators did, which no key is kept for: the path, the body, and what it is answered when it is asked for again. */
const done: Record<string, { path: string; body: object; code: string }> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl, {
    ...RATES_FROM_TESTS,
    ...{ INTEGRITY_POLL_SECONDS: '0.05', API_DEPOSIT_WAIT_SECONDS: '0.1' },
  });
  wallets = createWalletWorld({ api, world, database });
  await giveRates(database, { EUR: '0.9154' });
  await doEverything();
  await database.pool.query(
    "insert into integrity_violations (rule, subject, fingerprint, detail) values ('balance_equals_entries', 'account:1', '1 0', 'x')",
  );
  await waitUntil('money that does not move', async () => {
    const refused = await api.post('/api/v1/users', {});
    return refused.json.code === 'integrity-violated';
  });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function doEverything(): Promise<void> {
  const { userId, id: usd } = await wallets.wallet(10_000);
  const other = await wallets.wallet(10);
  await api.post(`/api/v1/users/${userId}/wallets`, { currency: 'EUR' });
  const deposit = async () =>
    (await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 100 })).json.payment_id;
  const settled = await deposit();
  await wallets.carryOut();
  const accepted = [await deposit(), await deposit()];
  await wallets.carryOut('refused');
  const unknown = [await deposit(), await deposit()];
  await wallets.carryOut('unknown');
  const letters = await Promise.all(accepted.map((paymentId) => wallets.letterOf(paymentId)));
  const quote = async () =>
    (
      await api.post('/api/v1/currency/convert/preview', {
        ...{ user_id: userId, from: 'USD', to: 'EUR', amount: 10 },
      })
    ).json.quote_id;
  const account = (what: string) => `/api/v1/accounts/${userId}/${what}`;

  await ask('deposit', '/api/v1/payments/deposit', { user_id: userId, deposit: 5 });
  await ask('withdrawal', '/api/v1/payments/withdraw', { user_id: userId, amount: 5 });
  await ask('withdrawal that was refused', '/api/v1/payments/withdraw', { user_id: userId, amount: 1e6 });
  await ask('refund', `/api/v1/payments/${settled}/refunds`, { amount: 5 });
  await ask('deposit that waits', account('deposit'), { amount: 5 });
  await ask('deposit to a wallet', wallets.at(usd, '/deposit'), { amount: 5 });
  await ask('withdrawal from a wallet', wallets.at(usd, '/withdraw'), { amount: 5 });
  await ask('transfer', wallets.at(usd, '/transfer'), { to_wallet_id: other.id, amount: 5 });
  await ask(
    'conversion',
    '/api/v1/currency/convert/execute',
    { quote_id: await quote(), user_id: userId },
    {
      quote_id: await quote(),
    },
  );
  await ask(
    'conversion of a wallet',
    wallets.at(usd, '/convert'),
    { quote_id: await quote() },
    {
      quote_id: await quote(),
    },
  );
  await ask('hold', account('hold'), { order_id: 'one', amount: 5 }, { order_id: 'two' });
  await ask(
    'hold of a wallet',
    wallets.at(usd, '/hold'),
    { order_id: 'three', amount: 5 },
    { order_id: 'four' },
  );
  await ask('capture', account('capture'), { order_id: 'one', amount: 2, final: false }, { amount: 1 });
  await ask('release', account('release'), { order_id: 'one' }, { order_id: 'three' });
  await ask('user', '/api/v1/users', { balance: 5 });
  await ask('user with a name', `/api/v1/accounts/${randomUUID()}`, {});
  await ask('bulk redrive', '/api/v1/bulk-redrives', {
    ...{ letters: [letters[0]], by: 'ana', reason: 'a test', per_second: 1 },
  });
  expect([...sent.keys()]).toEqual(KEYED);

  const redrive = { path: `/api/v1/dlq/${letters[1]}/redrive`, body: { by: 'ana' } };
  const resolve = (paymentId: number) => ({
    path: `/api/v1/payments/${paymentId}/resolve`,
    body: { outcome: 'not_executed', by: 'ana', reason: 'a test', evidence: 'a test' },
  });
  done.redrive = { ...redrive, code: 'dead-letter-handled' };
  done.resolution = { ...resolve(unknown[0]), code: 'payment-resolved' };
  for (const { path, body } of Object.values(done))
    expect(await api.post(path, body)).toMatchObject({ status: 200 });
  undone.redrive = { path: `/api/v1/dlq/${letters[0]}/redrive`, body: { by: 'ana' } };
  undone.resolution = resolve(unknown[1]);
}

/** The same kinds of things, which nobody did while money moved. */
const undone: Record<string, { path: string; body: object }> = {};

async function ask(name: string, path: string, body: object, change: object = {}): Promise<void> {
  const key = `key of ${name}`.replaceAll(' ', '-');
  const first = await api.post(path, body, { 'Idempotency-Key': key });
  if (first.status >= 500 || first.status === 404) throw new Error(`${name}: ${first.text}`);
  sent.set(name, { path, body, key, anew: { ...body, ...change }, first });
}

/** Everything that a request could have changed. */
async function written() {
  const { rows } = await database.pool.query(`
    select (select count(*) from ledger_entries) as entries, (select count(*) from payments) as payments,
           (select count(*) from holds) as holds, (select count(*) from order_holds) as orders,
           (select count(*) from users) as users, (select count(*) from idempotency_keys) as keys,
           (select count(*) from bulk_redrives) as redrives, (select count(*) from wallet_transfers) as transfers,
           (select sum(held) from accounts) as held, (select count(*) from conversion_quotes where used_at is not null) as used`);
  return rows[0];
}

describe.each(KEYED)('while an integrity violation is open, a %s', (name) => {
  const told = () => sent.get(name) as Sent;

  test('whose answer was lost is answered as the first time', async () => {
    const { path, body, key, first } = told();
    const before = await written();
    const again = await api.post(path, body, { 'Idempotency-Key': key });
    expect(again).toMatchObject({ status: first.status, text: first.text });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await written()).toEqual(before);
  });

  test('with a new key is refused, and can be asked for again with that key', async () => {
    const { path, anew } = told();
    const before = await written();
    const refused = await api.post(path, anew, { 'Idempotency-Key': randomUUID() });
    expect(refused).toMatchObject({ status: 503, json: { code: 'integrity-violated', retry: 'same-key' } });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(await written()).toEqual(before);
  });

  test('without a key is refused', async () => {
    const { path, anew } = told();
    const before = await written();
    expect((await api.post(path, anew)).json.code).toBe('integrity-violated');
    expect(await written()).toEqual(before);
  });
});

test('while an integrity violation is open, a key that was used for something else says so', async () => {
  const { path, body, key } = sent.get('deposit') as Sent;
  const answer = await api.post(path, { ...body, deposit: 6 }, { 'Idempotency-Key': key });
  expect(answer.json.code).toBe('idempotency-key-reused');
});

test('requests that wait for one another are refused and answered each by itself', async () => {
  const { path, body, key, first } = sent.get('hold') as Sent;
  const before = await written();
  const answers = await Promise.all([
    api.post(path, { ...body, order_id: 'five' }, { 'Idempotency-Key': 'five' }),
    api.post(path, body, { 'Idempotency-Key': key }),
    api.post(path, { ...body, order_id: 'five' }, { 'Idempotency-Key': 'five' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([503, first.status, 503]);
  expect(await written()).toEqual(before);
});

test.each(['redrive', 'resolution'])('a %s of an operator says that it was done before', async (name) => {
  const { path, body, code } = done[name] as (typeof done)[string];
  expect(await api.post(path, body)).toMatchObject({ status: 409, json: { code } });
});

test.each(['redrive', 'resolution'])('a new %s of an operator is refused', async (name) => {
  const { path, body } = undone[name] as (typeof undone)[string];
  const before = await written();
  expect((await api.post(path, body)).json.code).toBe('integrity-violated');
  expect(await written()).toEqual(before);
});
