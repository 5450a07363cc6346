import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from '../../src/database/database.ts';
import { rescuePayments } from '../../src/payments/attempt/rescue-payments.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { type ApiAnswer, startTestApi, type TestApi } from '../support/api-server.ts';
import {
  createDatabaseProxy,
  type DatabaseProxy,
  isCommit,
  type Verdict,
} from '../support/database-proxy.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let proxy: DatabaseProxy;
let proxiedPool: Pool;
let api: TestApi;
let world: PaymentWorld;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await createDatabaseProxy(database.databaseUrl);
  proxiedPool = createPool(proxy.url, testConfig(), 'proxied', () => {});
  api = await startTestApi(proxy.url, { DATABASE_CONNECT_TIMEOUT_SECONDS: '3' });
  world = createPaymentWorld(database);
});
afterEach(() => proxy.reset());
afterAll(async () => {
  await api.stop();
  await proxiedPool.end();
  await proxy.cut();
  await database.close();
});

/** Cuts the connection at the next COMMIT, and then every connection, so that nothing can be read back. Gives whether it has. */
function cutForGood(verdict: Verdict): () => boolean {
  let isCut = false;
  proxy.decide((sent) => {
    if (isCut) return 'cut';
    isCut = isCommit(sent);
    return isCut ? verdict : 'pass';
  });
  return () => isCut;
}

async function paymentsOf(userId: number): Promise<number[]> {
  const { rows } = await database.pool.query('select id::int from payments where user_id = $1 order by id', [
    userId,
  ]);
  return rows.map((row) => row.id);
}

const KEY_OF_LOST = { 'Idempotency-Key': 'server-lost' };
const KEY = { 'Idempotency-Key': 'lost-commit' };

describe.each([
  ['after the server has committed', 'cut-after-answer'],
  ['before the server has it', 'cut'],
  ['on its way to a server that does not know', 'vanish'],
] as const)('a COMMIT that is lost %s', (_when, verdict) => {
  test.each([
    ['with', KEY],
    ['without', {}],
  ])('gives the answer of a payment that was accepted once, %s a key', async (_with, headers) => {
    const userId = await api.user();
    proxy.once(isCommit, verdict);
    const answer = await api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 50 }, headers);

    expect(answer).toMatchObject({ status: 202, json: { status: 'processing', withdraw: 50 } });
    expect(answer.headers.get('idempotency-replayed')).toBeNull();
    expect(await paymentsOf(userId)).toEqual([answer.json.payment_id]);
    expect((await api.get(`/api/v1/users/${userId}`)).json).toMatchObject({
      available: 949,
      pending_out: 51,
    });
  });

  test('creates a user once under a name, and again finds them', async () => {
    const user = randomUUID();
    proxy.once(isCommit, verdict);
    const answer = await api.post(`/api/v1/accounts/${user}`, {});
    expect(answer).toMatchObject({ status: 201, json: { user_id: user, balance: 0 } });
    expect(await api.post(`/api/v1/accounts/${user}`, {})).toMatchObject({ status: 200, json: answer.json });
    const { rows } = await database.pool.query(
      'select count(*)::int as count from accounts join users on users.id = user_id where external_id = $1',
      [user],
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  test('transfers money once', async () => {
    const walletOf = async () => (await api.get(`/api/v1/users/${await api.user()}/wallets/USD`)).json.id;
    const [from, to] = [await walletOf(), await walletOf()];
    const transfer = () =>
      api.post(
        `/api/v1/wallets/${from}/transfer`,
        { to_wallet_id: to, amount: 30 },
        { 'Idempotency-Key': 'lost-transfer' },
      );
    proxy.once(isCommit, verdict);
    const answer = await transfer();
    expect(answer).toMatchObject({ status: 201, json: { amount: 30 } });
    expect((await transfer()).text).toBe(answer.text);
    expect((await api.get(`/api/v1/wallets/${from}`)).json.balance).toBe(970);
    expect((await api.get(`/api/v1/wallets/${to}`)).json.balance).toBe(1030);
  });

  test('opens a wallet once', async () => {
    const userId = await api.user();
    const headers = { 'Idempotency-Key': 'lost-wallet' };
    proxy.once(isCommit, verdict);
    const answer = await api.post(`/api/v1/users/${userId}/wallets`, { currency: 'EUR' }, headers);
    expect(answer).toMatchObject({ status: 201, json: { currency: 'EUR', balance: 0 } });
    expect((await api.get(answer.headers.get('location') as string)).json).toEqual(answer.json);
    const again = await api.post(`/api/v1/users/${userId}/wallets`, { currency: 'EUR' }, headers);
    expect([again.status, again.text]).toEqual([201, answer.text]);
  });

  test.each([
    ['with', KEY],
    ['without', {}],
  ])('holds, captures and releases once, %s a key', async (_with, headers) => {
    const account = `/api/v1/accounts/${await api.user()}`;
    const order = { order_id: 'order-1' };
    const steps: [string, object, object][] = [
      ['hold', { amount: 30 }, { captured: 0, remaining: 30, status: 'open' }],
      ['capture', { amount: 10, final: false }, { captured: 10, remaining: 20, status: 'open' }],
      // The same again, which is another capture: what was captured before must not be taken for it.
      ['capture', { amount: 10, final: false }, { captured: 20, remaining: 10, status: 'open' }],
      ['release', {}, { captured: 20, released: 10, remaining: 0, status: 'released' }],
    ];
    for (const [n, [action, body, expected]] of steps.entries()) {
      const key = 'Idempotency-Key' in headers ? { 'Idempotency-Key': `lost-${n}` } : {};
      proxy.once(isCommit, verdict);
      const answer = await api.post(`${account}/${action}`, { ...order, ...body }, key);
      expect(answer).toMatchObject({ status: action === 'hold' ? 201 : 200, json: expected });
      expect(answer.headers.get('idempotency-replayed')).toBeNull();
      expect((await api.get(`${account}/hold?order_id=order-1`)).json).toMatchObject(expected);
    }
    expect((await api.get(account)).json).toMatchObject({ balance: 980, held: 0, holds: [] });
    expect(await world.violations()).toEqual([]);
  });

  test('creates a user once', async () => {
    const before = await world.count('users');
    proxy.once(isCommit, verdict);
    const answer = await api.post('/api/v1/users', { balance: 10 });
    expect(answer).toMatchObject({ status: 201, json: { balance: 10 } });
    expect(await world.count('users')).toBe(before + 1);
  });

  test('settles a payment once', async () => {
    const userId = await world.user();
    const paymentId = await world.accept(userId);
    const scripted = createScriptedGateway();
    const worker = world.worker(scripted.gateway, { pool: proxiedPool });
    proxy.once(isCommit, verdict);
    worker.start();
    await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
    await worker.stop(1000);

    expect(scripted.sent.filter((sent) => sent.paymentId === paymentId)).toHaveLength(1);
    expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
    expect(await world.violations()).toEqual([]);
  });

  test('redrives a dead letter once', async () => {
    const { letterId, paymentId } = await deadLetter();
    proxy.once(isCommit, verdict);
    const answer = await api.post(`/api/v1/dlq/${letterId}/redrive`, {});
    expect(answer).toMatchObject({ status: 200, json: { action: 'redriven' } });
    const { rows } = await database.pool.query('select id from payments where redrive_of = $1', [paymentId]);
    expect(rows).toHaveLength(1);
  });
});

test('a stored answer is not given again when the server that had it is gone with the COMMIT', async () => {
  const userId = await api.user();
  const send = () => api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 7 }, KEY_OF_LOST);
  const first = await send();
  const hasCut = cutForGood('cut-after-answer');
  const answer = send();
  await waitUntil('a COMMIT', hasCut);
  // As on a standby that took over without it.
  await database.pool.query('delete from idempotency_keys where scope = $1', [userId]);
  proxy.reset();
  const { status, headers, json } = await answer;
  expect(status).toBe(202);
  expect(headers.get('idempotency-replayed')).toBeNull();
  expect(json.payment_id).not.toBe(first.json.payment_id);
});

describe('a COMMIT that cannot be read back', () => {
  test.each([
    ['after the server has committed', 'cut-after-answer', 1],
    ['before the server has it', 'cut', 0],
  ] as const)('%s is answered as not known, and the key settles it', async (_when, verdict, writtenCount) => {
    const userId = await api.user();
    const send = () => api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 7 }, KEY);
    cutForGood(verdict);
    expect(await send()).toMatchObject({
      status: 503,
      json: { code: 'accept-outcome-unknown', retry: 'same-key' },
    });
    expect(await paymentsOf(userId)).toHaveLength(writtenCount);

    proxy.reset();
    const again = await send();
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotency-replayed')).toBe(writtenCount === 1 ? 'true' : null);
    expect(await paymentsOf(userId)).toEqual([again.json.payment_id]);
  });
});

describe('an order of an operator whose COMMIT cannot be read back', () => {
  const who = { by: 'ana', reason: 'tests' };
  const NOT_KNOWN = { status: 503, json: { code: 'write-outcome-unknown', retry: 'same-key' } };

  async function expectNotKnown(send: () => Promise<ApiAnswer>): Promise<void> {
    const answer = await send();
    expect(answer).toMatchObject(NOT_KNOWN);
    expect(answer.text).not.toMatch(/payment was accepted|Nothing was done/i);
    expect(answer.headers.get('retry-after')).toBe('1');
  }

  test.each(['redrive', 'discard'])('a letter that is to %s', async (action) => {
    const { letterId } = await deadLetter();
    cutForGood('cut-after-answer');
    await expectNotKnown(() => api.post(`/api/v1/dlq/${letterId}/${action}`, who));
  });

  test('a user', async () => {
    cutForGood('cut-after-answer');
    await expectNotKnown(() => api.post('/api/v1/users', { balance: 1 }));
    proxy.reset();
    cutForGood('cut-after-answer');
    await expectNotKnown(() => api.post('/api/v1/users', { balance: 1 }, { 'Idempotency-Key': 'lost-user' }));
  });

  test.each([
    ['pause', 'claim_pauses'],
    ['resume', 'claim_pauses'],
  ])('to %s claiming, with the connection lost in its one statement', async (action, table) => {
    const { by, reason } = who;
    await api.post('/api/v1/workers/resume', { by });
    if (action === 'resume') await api.post('/api/v1/workers/pause', who);
    proxy.once(
      (sent) => /insert|update|delete/.test(sent.toString()) && sent.includes(table),
      'cut-after-answer',
    );
    const body = action === 'pause' ? { by, reason } : { by };
    await expectNotKnown(() => api.post(`/api/v1/workers/${action}`, body));
  });

  test('what was done before the database went away is not reported as undone', async () => {
    const { letterId } = await deadLetter();
    // The letter is read once more after it was discarded.
    let isCommitted = false;
    proxy.decide((sent) => {
      if (isCommitted) return 'cut';
      isCommitted = isCommit(sent);
      return 'pass';
    });
    const answer = await api.post(`/api/v1/dlq/${letterId}/discard`, who);
    expect(answer).toMatchObject({ status: 503, json: { code: 'write-outcome-unknown' } });
    expect(answer.json.detail).toMatch(/^The request was carried out/);
    proxy.reset();
    expect((await api.get(`/api/v1/dlq/${letterId}`)).json.action).toBe('discarded');
  });

  test('a database that was never reached has done nothing', async () => {
    const { letterId } = await deadLetter();
    await proxy.cut();
    const answers = [
      await api.post(`/api/v1/dlq/${letterId}/discard`, who),
      await api.post('/api/v1/workers/pause', who),
      await api.post('/api/v1/users', {}),
    ];
    await proxy.listen();
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 503, json: { code: 'database-unavailable' } });
  });
});

test('a claim whose answer is lost is rescued, and the gateway is asked before anything is sent', async () => {
  const userId = await world.user();
  const paymentId = await world.accept(userId);
  const scripted = createScriptedGateway();
  proxy.once((sent) => sent.includes('queue-claim-tasks'), 'cut-after-answer');
  const unlucky = world.worker(scripted.gateway, { pool: proxiedPool, leaseMs: 600_000 });
  unlucky.start();
  await waitUntil('a claim that nobody knows of', async () => (await world.claimCount(paymentId)) === 1);
  await unlucky.stop(1000);
  expect(scripted.sent.filter((sent) => sent.paymentId === paymentId)).toEqual([]);

  await database.pool.query('update payment_tasks set lease_expires_at = now() where payment_id = $1', [
    paymentId,
  ]);
  const { rescuedPaymentIds } = await rescuePayments(database.pool, { maxRescues: 5 });
  expect(rescuedPaymentIds).toContain(paymentId);
  const lucky = world.worker(scripted.gateway);
  lucky.start();
  await waitUntil('a settled payment', async () => (await world.payment(paymentId)).status === 'success');
  await lucky.stop(1000);
  const { reference } = scripted.sent.find((sent) => sent.paymentId === paymentId) ?? {};
  expect(scripted.inquired).toContain(reference);
  expect(await world.wallet(userId)).toMatchObject({ postedMinor: 94_900n, heldMinor: 0n });
});

async function deadLetter(): Promise<{ letterId: number; paymentId: bigint }> {
  const paymentId = await world.accept(await world.user());
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.refused);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('a dead letter', async () => (await world.payment(paymentId)).status === 'failed');
  await worker.stop(1000);
  const { rows } = await database.pool.query('select id::int from payment_dlq where payment_id = $1', [
    paymentId,
  ]);
  return { letterId: rows[0].id, paymentId };
}
