import { executeBatch } from '../../src/commands/execute-batch.ts';
import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { acceptance } from '../../src/payments/accept/accept-payments.ts';
import { changeState } from '../../src/wallets/change-state.ts';
import { giveRates, openWallet, RATES_FROM_TESTS } from '../builders/conversion-world.ts';
import { createPaymentWorld, type PaymentWorld, WEEK_MS } from '../builders/payment-world.ts';
import { createWalletWorld, type WalletWorld } from '../builders/wallet-world.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import { holdRows } from '../support/hold-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * A wallet is frozen or closed at the same moment as money is taken from it, or comes into it: one is before the other, and no money is
 * lost or taken from what was frozen before.
 */

let database: TestDatabase;
let world: PaymentWorld;
let apis: TestApi[];
let api: TestApi;
let wallets: WalletWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  apis = await Promise.all(
    [1, 2].map(() => startTestApi(database.databaseUrl, { DEFAULT_CURRENCY: 'USD', ...RATES_FROM_TESTS })),
  );
  api = apis[0] as TestApi;
  wallets = createWalletWorld({ api, world, database });
  await giveRates(database, { EUR: '0.5' });
});
afterAll(async () => {
  await Promise.all(apis.map((each) => each.stop()));
  await database.close();
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
});

const post = (index: number, path: string, body: object) => (apis[index % 2] as TestApi).post(path, body);
const codesOf = (answers: readonly ApiAnswer[]) =>
  new Set(answers.map(({ status, json }) => json.code ?? `${status}`));

/** Waits until another session waits for a row that somebody has. */
async function somebodyWaits(): Promise<void> {
  await waitUntil('somebody who waits for a row', async () => {
    const { rows } = await database.pool.query(
      `select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    return rows[0].count > 0;
  });
}

test('a freeze beside many withdrawals: whatever is accepted was accepted before, and all after it is refused', async () => {
  for (let round = 0; round < 5; round += 1) {
    const wallet = await wallets.wallet(1000);
    const held = await holdRows(database.databaseUrl, 'select from accounts where id = $1 for update', [
      wallet.id,
    ]);
    const early = Array.from({ length: 6 }, (_, n) =>
      post(n, wallets.at(wallet.id, '/withdraw'), { amount: 1 }),
    );
    const freeze = wallets.change('freeze', wallet);
    const late = Array.from({ length: 6 }, (_, n) =>
      post(n, wallets.at(wallet.id, '/withdraw'), { amount: 1 }),
    );
    await held.letGo();
    const answers = await Promise.all([...early, ...late]);
    expect((await freeze).json).toMatchObject({ id: wallet.id, state: 'frozen' });
    expect([...codesOf(answers)].filter((code) => code !== '202' && code !== 'wallet-frozen')).toEqual([]);
    const accepted = answers.filter(({ status }) => status === 202);
    expect((await wallets.read(wallet)).held).toBe(Math.round(accepted.length * 102) / 100);

    // Afterwards nothing passes any more, and what was accepted is carried out.
    expect((await post(0, wallets.at(wallet.id, '/withdraw'), { amount: 1 })).json.code).toBe(
      'wallet-frozen',
    );
    await wallets.carryOut();
    expect(await wallets.read(wallet)).toMatchObject({ state: 'frozen', held: 0 });
  }
});

test('a withdrawal that waits for a wallet that is being frozen sees that it was', async () => {
  const wallet = await wallets.wallet(100);
  // The freeze has the lock, and has not committed yet.
  const [isFrozen, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const freezing = inTransaction(database.pool, async (transaction) => {
    await transaction.query(`update accounts set state = 'frozen' where id = $1`, [wallet.id]);
    isFrozen.resolve();
    await mayCommit.promise;
  });
  await isFrozen.promise;
  const asked = [
    post(0, wallets.at(wallet.id, '/withdraw'), { amount: 1 }),
    post(1, '/api/v1/payments/withdraw', { user_id: wallet.userId, amount: 1 }),
    post(0, `/api/v1/accounts/${wallet.userId}/hold`, { order_id: 'x', amount: 1 }),
  ];
  await somebodyWaits();
  mayCommit.resolve();
  await freezing;
  expect([...codesOf(await Promise.all(asked))]).toEqual(['wallet-frozen']);
  expect(await wallets.read(wallet)).toMatchObject({ held: 0 });
});

test('closing beside withdrawals, deposits, transfers, holds, captures and conversions: no money is lost, and a closed wallet is empty', async () => {
  const seen = { closed: 0, refused: 0 };
  for (let round = 0; round < 8; round += 1) {
    const [wallet, other] = [await wallets.wallet(0), await wallets.wallet(1000)];
    await openWallet(database, { userId: BigInt(other.userId), currency: 'EUR', amountMinor: 0n });
    await api.post(`/api/v1/accounts/${other.userId}/hold`, { order_id: 'race', amount: 1 });
    const at = (what: string) => wallets.at(wallet.id, what);
    const sent = [
      () => post(0, at('/deposit'), { amount: 10 }),
      () => post(1, at('/withdraw'), { amount: 1 }),
      () => post(0, wallets.at(other.id, '/transfer'), { to_wallet_id: wallet.id, amount: 5 }),
      () => post(1, `/api/v1/accounts/${wallet.userId}/hold`, { order_id: 'x', amount: 1 }),
      () =>
        post(0, `/api/v1/accounts/${other.userId}/capture`, { order_id: 'race', to_user_id: wallet.userId }),
      () => post(1, at('/close'), { by: 'ana', reason: 'a race' }),
    ];
    // Each in turn goes first.
    const order = [...sent.slice(round % sent.length), ...sent.slice(0, round % sent.length)];
    const answers = await Promise.all(order.map((send) => send()));
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    await wallets.carryOut();
    const read = await wallets.read(wallet);
    const { rows } = await database.pool.query(
      'select coalesce(sum(amount), 0)::text as sum from ledger_entries where account_id = $1',
      [wallet.id],
    );
    expect(read.balance_minor).toBe(rows[0].sum);
    const deposits = (await api.get(`/api/v1/payments?user_id=${wallet.userId}&type=deposit`)).json.items;
    for (const { status } of deposits) expect(status).toBe('success');
    seen[read.state === 'closed' ? 'closed' : 'refused'] += 1;
    if (read.state === 'closed') expect(read).toMatchObject({ balance: 0, held: 0 });
  }
  expect(seen.refused).toBeGreaterThan(0);
});

test('a deposit that was accepted as its wallet was closed is not lost: it reopens the wallet, frozen, and that is recorded', async () => {
  const wallet = await wallets.wallet(0);
  // Another transaction has the key of the deposit: the deposit has read the open wallet, and waits to be written.
  const held = await holdRows(
    database.databaseUrl,
    `insert into idempotency_keys (scope, key, fingerprint, resource_kind, resource_id, response_status, response_body)
     values ($1, 'late', 'x', 'payment', 1, 202, '{}')`,
    [wallet.userId],
  );
  const deposit = executeBatch(
    acceptance({
      feePercent: { numerator: 2n, denominator: 100n },
      doRefundsReturnFee: true,
      frozenCredits: 'accept',
      gatewayFor: () => null,
      responseTtlMs: WEEK_MS,
      renderResponse: ({ kind }) => ({ status: 202, body: JSON.stringify({ kind }) }),
    }),
    [
      {
        userId: BigInt(wallet.userId),
        type: 'deposit',
        amountMinor: 1000n,
        currency: 'USD',
        path: '/api/v1/payments/deposit',
        idempotency: { key: 'late', fingerprint: Buffer.from('y') },
      },
    ],
    { pool: database.pool, patience: { lockedWallets: 'wait', lockWaitMs: 30_000 } },
  );
  await somebodyWaits();
  expect((await wallets.change('close', wallet)).json.state).toBe('closed');
  await held.letGo();
  expect((await deposit).outcomes).toMatchObject([{ kind: 'decided', result: { decided: 'accepted' } }]);
  const [payment] = (await api.get(`/api/v1/payments?user_id=${wallet.userId}`)).json.items;
  await wallets.carryOut();
  expect((await api.get(`/api/v1/payments/${payment.payment_id}`)).json.status).toBe('success');
  expect(await wallets.read(wallet)).toMatchObject({
    state: 'frozen',
    balance: 9.8,
    history: [
      {
        action: 'reopen',
        before: 'closed',
        after: 'frozen',
        by: 'tollgate',
        reason: `Money came in after it was closed: payment:${payment.payment_id} settle`,
      },
      { action: 'close' },
    ],
  });
  // A person decides what becomes of it.
  await wallets.change('unfreeze', wallet);
  expect((await api.post(wallets.at(wallet.id, '/withdraw'), { amount: 5 })).status).toBe(202);
  await wallets.carryOut();
});

test('a redrive beside a close: the payment has its wallet, or stays failed', async () => {
  for (let round = 0; round < 4; round += 1) {
    const wallet = await wallets.wallet(0);
    const { payment_id } = (await api.post(wallets.at(wallet.id, '/deposit'), { amount: 10 })).json;
    await wallets.carryOut('refused');
    const letter = await wallets.letterOf(payment_id);
    const both = [
      () => post(0, `/api/v1/dlq/${letter}/redrive`, { by: 'ana' }),
      () => post(1, wallets.at(wallet.id, '/close'), { by: 'ana', reason: 'a race' }),
    ];
    if (round % 2 === 1) both.reverse();
    const answers = await Promise.all(both.map((send) => send()));
    // One of them was first, and the other one was told.
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    await wallets.carryOut();
    const read = await wallets.read(wallet);
    expect(read).toMatchObject(read.state === 'closed' ? { balance: 0 } : { balance: 9.8, state: 'open' });
  }
});

test('a close that waits for a settlement decides on what that has written', async () => {
  const wallet = await wallets.wallet(0);
  const held = await holdRows(database.databaseUrl, 'update accounts set posted = posted where id = $1', [
    wallet.id,
  ]);
  const closing = changeState(database.pool, {
    walletId: BigInt(wallet.id),
    action: 'close',
    by: 'ana',
    reason: 'x',
  });
  // It was open when the close began to wait.
  const { payment_id } = (await api.post(wallets.at(wallet.id, '/deposit'), { amount: 10 })).json;
  await held.letGo();
  expect(await closing).toMatchObject({ kind: 'not_empty', facts: { openPayments: 1 } });
  await wallets.carryOut();
  expect((await api.get(`/api/v1/payments/${payment_id}`)).json.status).toBe('success');
});
