import { foldSystemAccounts } from '../src/ledger/fold-system-accounts.ts';
import { expireOrderHolds } from '../src/order-holds/expire-order-holds.ts';
import { rescuePayments } from '../src/payments/attempt/rescue-payments.ts';
import { askAboutUnknown } from '../src/payments/unknown/ask-about-unknown.ts';
import { armFailpoints } from '../src/process/failpoints/failpoint.ts';
import { FAILPOINTS, type FailpointName } from '../src/process/failpoints/failpoint-catalogue.ts';
import { eventAbout, receive } from './builders/callbacks.ts';
import { giveRates, openWallet, RATES_FROM_TESTS } from './builders/conversion-world.ts';
import { createPaymentWorld, STEADY_CLOCK } from './builders/payment-world.ts';
import { answers, createScriptedGateway } from './builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from './support/api-server.ts';
import { createTestDatabase, type TestDatabase } from './support/test-database.ts';
import { waitUntil } from './support/wait-until.ts';

let database: TestDatabase;
let api: TestApi;
let disarm: () => void;
const scripted = createScriptedGateway();
const passed = new Set<FailpointName>();

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, RATES_FROM_TESTS);
  disarm = armFailpoints([], { onHit: (name) => passed.add(name) });
});
afterAll(async () => {
  disarm();
  await api.stop();
  await database.close();
});

test('payments that meet all kinds of trouble pass every failpoint of the catalogue', async () => {
  const world = createPaymentWorld(database);
  const work = async (changes = {}) => {
    const worker = world.worker(scripted.gateway, changes);
    worker.start();
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
    await worker.stop(1000);
  };
  const convert = async () => {
    await giveRates(database, { EUR: '0.9' });
    const userId = await world.user();
    await openWallet(database, { userId, currency: 'EUR', amountMinor: 0n });
    const asked = { user_id: Number(userId), from: 'USD', to: 'EUR', amount: 1 };
    const { json } = await api.post('/api/v1/currency/convert/preview', asked);
    await api.post('/api/v1/currency/convert/execute', { quote_id: json.quote_id });
  };
  await convert();
  const withdraw = (userId: number) =>
    api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 1 }, { 'Idempotency-Key': `${userId}` });
  const actOnLetters = async (action: 'redrive' | 'discard') => {
    const { items } = (await api.get('/api/v1/dlq')).json;
    const open = items.filter((letter: { action: string | null }) => letter.action === null);
    for (const { id } of open) await api.post(`/api/v1/dlq/${id}/${action}`, { reason: 'a test' });
  };

  const opened = await api.post(`/api/v1/users/${await api.user()}/wallets`, { currency: 'EUR' });
  expect(opened.status).toBe(201);
  const [from, to] = [await api.user(), await api.user()];
  const walletOf = async (userId: number) => (await api.get(`/api/v1/users/${userId}/wallets/USD`)).json.id;
  const given = { to_wallet_id: await walletOf(to), amount: 1 };
  expect((await api.post(`/api/v1/wallets/${await walletOf(from)}/transfer`, given)).status).toBe(201);

  // A worker is lost with its task, and a slow one renews its lease while it retries.
  await withdraw(await api.user());
  await database.pool.query(
    `update payment_tasks set state = 'running', run_lease = 1, locked_by = 'gone', lease_expires_at = now() - interval '1 s'`,
  );
  await rescuePayments(database.pool, { maxRescues: 5 });
  scripted.answerSends(async (_instruction, sendNumber) => {
    if (sendNumber > 1) return answers.succeeded;
    await waitUntil('a renewed lease', () => passed.has('renew.after_commit'));
    return answers.unknown;
  });
  await work({ leaseMs: 300 });

  // One payment is refused and discarded; another stays unknown, is redriven, and stays unknown until it is asked about.
  scripted.answerSends(() => answers.refused);
  await withdraw(await api.user());
  await work();
  await actOnLetters('discard');
  scripted.answerSends(() => answers.unknown);
  await withdraw(await api.user());
  await work();
  await actOnLetters('redrive');
  await work();
  await database.pool.query('update payment_inquiries set next_ask_at = now()');
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
  await askAboutUnknown({
    pool: database.pool,
    gateway: scripted.gateway,
    clock: STEADY_CLOCK,
    notFoundGraceMs: 0,
    claimMs: 1000,
    limit: 10,
  });
  await foldSystemAccounts(database.pool);

  // A callback ends a payment while a worker is at the gateway for it; another is left unknown and resolved by a person.
  scripted.answerSends(async ({ paymentId }) => {
    await receive(database.pool, await eventAbout(database.pool, paymentId));
    return answers.succeeded;
  });
  await withdraw(await api.user());
  await work();
  scripted.answerSends(() => answers.unknown);
  scripted.answerInquiries(() => answers.unknown);
  const { payment_id } = (await withdraw(await api.user())).json;
  await work();
  const decision = { outcome: 'executed', by: 'ana', reason: 'a test', evidence: 'none' };
  expect((await api.post(`/api/v1/payments/${payment_id}/resolve`, decision)).status).toBe(200);

  // A hold is captured in part, and the rest of it expires.
  const account = `/api/v1/accounts/${await api.user()}`;
  const order = { order_id: 'order-1' };
  await api.post(`${account}/hold`, { ...order, amount: 3 });
  expect((await api.post(`${account}/capture`, { ...order, amount: 1, final: false })).status).toBe(200);
  await database.pool.query(`update order_holds set expires_at = now()`);
  expect(await expireOrderHolds(database.pool)).toBe(1);

  expect([...passed].sort()).toEqual(Object.keys(FAILPOINTS).sort());
  expect(await world.violations()).toEqual([]);
});
