import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let api: TestApi;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
  world = createPaymentWorld(database);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

/** 90,071,992,547,409.93 USD: the number in JSON would be another one in every language with doubles. */
const HUGE_MINOR = 9_007_199_254_740_993n;

async function userWithHugeBalance(): Promise<number> {
  const userId = await api.user('100000000000');
  await database.pool.query('update accounts set posted = $2 where user_id = $1', [userId, HUGE_MINOR]);
  return userId;
}

test('a balance that a double cannot represent is exact in minor units', async () => {
  const userId = await userWithHugeBalance();
  expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({
    balance_minor: '9007199254740993',
    available_minor: '9007199254740993',
    pending_out_minor: '0',
    pending_in_minor: '0',
  });
  const { json } = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 0.02 });
  expect(json).toMatchObject({ withdraw: 0.02, withdraw_minor: '2' });
  expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({
    available_minor: '9007199254740991',
    pending_out_minor: '2',
  });
});

test('each amount in an answer is also given in minor units', async () => {
  const userId = await api.user(1000);
  const deposit = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: '199.99' });
  expect(deposit.json.deposit_minor).toBe('19999');
  const refused = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 5000 });
  expect(refused.json).toMatchObject({ needed_minor: '510000', available_minor: '100000' });

  const scripted = createScriptedGateway();
  scripted.answerSends(({ paymentId }) =>
    paymentId === BigInt(deposit.json.payment_id) ? answers.succeeded : answers.refused,
  );
  const failing = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50 });
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);

  const read = async (path: string) => (await api.get(path)).json;
  const payment = `/api/v1/payments/${deposit.json.payment_id}`;
  expect(await read(payment)).toMatchObject({ amount_minor: '19999', commission_minor: '400' });
  const letters = await read(`/api/v1/dlq?user_id=${userId}`);
  expect(letters.items).toMatchObject([
    { payment_id: failing.json.payment_id, amount_minor: '5000', commission_minor: '100' },
  ]);
  const { items } = await read(`/api/v1/users/${userId}/statement`);
  expect(items[0]).toMatchObject({ amount_minor: '19599', balance_after_minor: '119599' });
  for (const path of [
    payment,
    `${payment}/timeline`,
    `/api/v1/users/${userId}`,
    `/api/v1/users/${userId}/statement`,
    `/api/v1/payments?user_id=${userId}`,
    '/api/v1/dlq',
    '/api/v1/unknown-payments',
  ])
    expectMinorBesideAmounts(await read(path));
  expectMinorBesideAmounts(deposit.json);
  expectMinorBesideAmounts(refused.json);
});

const AMOUNT_NAMES =
  /^(amount|commission|deposit|withdraw|balance|available|needed|pending_out|pending_in|balance_after)$/;

function expectMinorBesideAmounts(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const members = node as Record<string, unknown>;
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'number' && AMOUNT_NAMES.test(name))
      expect([name, members[`${name}_minor`]]).toEqual([name, Math.round(value * 100).toString()]);
    expectMinorBesideAmounts(value);
  }
}
