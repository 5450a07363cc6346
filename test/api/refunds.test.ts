import { randomUUID } from 'node:crypto';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
let feeStays: TestApi;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
  feeStays = await startTestApi(database.databaseUrl, { REFUND_RETURNS_FEE: 'false' });
});
beforeEach(() => {
  scripted.answerSends(() => answers.succeeded);
  scripted.answerInquiries(() => ({ kind: 'not_found' }));
});
afterEach(async () => {
  expect(await world.violations()).toEqual([]);
  const options = { runMs: 10_000, stepRows: 1000, reviewRows: 100_000, graceMs: 0 };
  expect(await runIntegrityCheck(database.pool, options)).toMatchObject({ kind: 'done', found: [] });
});
afterAll(async () => {
  await api.stop();
  await feeStays.stop();
  await database.close();
});

async function work(): Promise<void> {
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

/** A user with nothing but a settled deposit; 200 with a fee of 4, where nothing else is said. */
async function settledDeposit(amountMinor = 20_000n, currency = 'USD', balanceMinor = 0n) {
  const userId = await world.user(balanceMinor, currency);
  const depositId = await world.accept(userId, { type: 'deposit', amountMinor, currency });
  await work();
  return { userId, depositId };
}

const refund = (depositId: bigint | number, body: object = {}, key?: string, at = api) =>
  at.post(`/api/v1/payments/${depositId}/refunds`, body, key ? { 'Idempotency-Key': key } : {});
const read = async (id: number) => (await api.get(`/api/v1/payments/${id}`)).json;
const balances = async (userId: bigint) => {
  const { postedMinor, heldMinor } = await world.wallet(userId);
  return { postedMinor, heldMinor };
};

test('a refund of the whole holds the money, gives it back at the gateway, and leaves the user as before the deposit', async () => {
  const { userId, depositId } = await settledDeposit();
  const answer = await refund(depositId, { reason: 'sent back' });
  expect(answer).toMatchObject({
    status: 202,
    json: {
      user_id: Number(userId),
      status: 'processing',
      refund: 200,
      refund_minor: '20000',
      refund_of: Number(depositId),
    },
  });
  expect(answer.headers.get('location')).toBe(`/api/v1/payments/${answer.json.payment_id}`);
  expect(await balances(userId)).toEqual({ postedMinor: 19_600n, heldMinor: 19_600n });

  await work();
  const told = scripted.sent.at(-1);
  const { rows } = await database.pool.query('select reference from payments where id = $1', [depositId]);
  expect(told).toMatchObject({
    direction: 'withdraw',
    amountMinor: 20_000n,
    refundOfReference: rows[0].reference,
  });
  expect(await read(answer.json.payment_id)).toMatchObject({
    type: 'refund',
    status: 'success',
    transaction_status: 'posted',
    amount: 200,
    commission: 4,
    refund_of: Number(depositId),
    refund_reason: 'sent back',
    redrive_of: null,
  });
  expect(await balances(userId)).toEqual({ postedMinor: 0n, heldMinor: 0n });
});

test('refunds in parts give back the deposit and its fee to the last cent, and no more', async () => {
  const { userId, depositId } = await settledDeposit(10_001n);
  for (const amount of [33.33, '33.33', 0.01]) expect((await refund(depositId, { amount })).status).toBe(202);
  const rest = await refund(depositId);
  expect(rest.json).toMatchObject({ refund: 33.34 });
  await work();
  expect(await balances(userId)).toEqual({ postedMinor: 0n, heldMinor: 0n });
  for (const body of [{}, { amount: 0.01 }])
    expect(await refund(depositId, body)).toMatchObject({
      status: 422,
      json: {
        code: 'refund-exceeds-deposit',
        left: 0,
        left_minor: '0',
        payment_id: Number(depositId),
        errors: [{ field: 'amount', message: 'must not be more than the 0 USD that is left of the deposit' }],
      },
    });
});

test('if fees are kept, the wallet pays the whole amount and must have it', async () => {
  const { userId, depositId } = await settledDeposit();
  const refused = await refund(depositId, {}, undefined, feeStays);
  expect(refused).toMatchObject({
    status: 422,
    json: {
      code: 'insufficient-funds',
      detail: 'The refund needs 200 USD, and 196 USD is available.',
      needed: 200,
      available: 196,
      instance: `/api/v1/payments/${depositId}/refunds`,
    },
  });
  expect(await read(refused.json.payment_id)).toMatchObject({
    type: 'refund',
    status: 'failed',
    attempts: 0,
  });
  // What was refused leaves the whole deposit to be refunded.
  const accepted = await refund(depositId, { amount: 196 }, undefined, feeStays);
  expect(accepted.status).toBe(202);
  await work();
  expect(await read(accepted.json.payment_id)).toMatchObject({ status: 'success', commission: 0 });
  expect(await balances(userId)).toEqual({ postedMinor: 0n, heldMinor: 0n });
});

test('a refund that the gateway refuses releases the money, and the deposit can be refunded again', async () => {
  const { userId, depositId } = await settledDeposit();
  scripted.answerSends(() => answers.refused);
  const failed = (await refund(depositId)).json.payment_id;
  await work();
  expect(await read(failed)).toMatchObject({ status: 'failed', transaction_status: 'voided' });
  expect(await balances(userId)).toEqual({ postedMinor: 19_600n, heldMinor: 0n });

  scripted.answerSends(() => answers.succeeded);
  expect((await refund(depositId)).status).toBe(202);
  await work();
  expect(await balances(userId)).toEqual({ postedMinor: 0n, heldMinor: 0n });
});

test('ten refunds at once that together exceed the deposit give back no more than it', async () => {
  const { userId, depositId } = await settledDeposit(10_000n, 'USD', 100_000n);
  const other = await startTestApi(database.databaseUrl);
  const told = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      refund(depositId, { amount: 30 }, undefined, index % 2 ? api : other),
    ),
  );
  await other.stop();
  const accepted = told.filter(({ status }) => status === 202);
  expect(accepted).toHaveLength(3);
  for (const { json } of told.filter(({ status }) => status !== 202))
    expect(json).toMatchObject({ code: 'refund-exceeds-deposit', left: 10 });
  await work();
  expect(await balances(userId)).toMatchObject({ postedMinor: 100_000n + 9800n - 9000n + 180n });
});

test('simultaneous refunds that a wallet cannot pay for are refused for lack of funds', async () => {
  const { userId, depositId } = await settledDeposit();
  await world.accept(userId, { amountMinor: 10_000n });
  const told = await Promise.all(Array.from({ length: 4 }, () => refund(depositId, { amount: 50 })));
  expect(told.map(({ status }) => status).toSorted()).toEqual([202, 422, 422, 422]);
  await work();
  expect((await balances(userId)).postedMinor).toBe(19_600n - 10_200n - 4900n);
});

test('one key refunds once, however often it is sent', async () => {
  const { depositId } = await settledDeposit();
  const key = randomUUID();
  const told = await Promise.all(Array.from({ length: 5 }, () => refund(depositId, { amount: '50.0' }, key)));
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  expect(told.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(4);
  await work();
  expect((await refund(depositId, { amount: 50, currency: 'USD' }, key)).text).toBe(told[0]?.text);
  for (const body of [{}, { amount: 51 }, { amount: 50, reason: 'why' }])
    expect(await refund(depositId, body, key)).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused' },
    });
  const { rows } = await database.pool.query('select from payments where refund_of = $1', [depositId]);
  expect(rows).toHaveLength(1);
});

test('a key of one refund cannot be used for another deposit of the same user', async () => {
  const { userId, depositId } = await settledDeposit();
  const other = await world.accept(userId, { type: 'deposit', amountMinor: 20_000n });
  await work();
  const key = randomUUID();
  expect((await refund(depositId, { amount: 1 }, key)).status).toBe(202);
  expect((await refund(other, { amount: 1 }, key)).json.code).toBe('idempotency-key-reused');
});

test('the refusal of an amount that exceeds what is left stays the answer to its key', async () => {
  const { depositId } = await settledDeposit();
  scripted.answerSends(() => answers.refused);
  await refund(depositId, { amount: 150 });
  const key = randomUUID();
  const refused = await refund(depositId, { amount: 100 }, key);
  expect(refused).toMatchObject({ status: 422, json: { code: 'refund-exceeds-deposit', left: 50 } });
  await work();
  expect((await refund(depositId, { amount: 100 }, key)).text).toBe(refused.text);
  expect((await refund(depositId, { amount: 100 }, randomUUID())).status).toBe(202);
  await work();
});

test('a refund whose answer was lost is asked about, is paid once, and counts against the deposit in the meantime', async () => {
  const { userId, depositId } = await settledDeposit();
  scripted.answerSends(() => answers.unknown);
  scripted.answerInquiries(() => ({
    kind: 'unknown',
    errorClass: 'http_5xx',
    message: '502',
    httpStatus: 502,
  }));
  const lost = (await refund(depositId, { amount: 150 })).json.payment_id;
  await work();
  expect(await read(lost)).toMatchObject({ status: 'unknown', transaction_status: 'held' });
  expect(await refund(depositId, { amount: 60 })).toMatchObject({ status: 422, json: { left: 50 } });

  const letter = (await api.get(`/api/v1/dlq?limit=1`)).json.items[0];
  expect(letter).toMatchObject({ payment_id: lost, payment_type: 'refund', reason: 'outcome_unknown' });
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw-back' }));
  expect((await api.post(`/api/v1/dlq/${letter.id}/redrive`, {})).json.redriven_payment_id).toBe(lost);
  const sentBefore = scripted.sent.length;
  await work();
  expect(scripted.sent).toHaveLength(sentBefore);
  expect(await read(lost)).toMatchObject({ status: 'success', gateway_reference: 'gw-back' });
  expect(await balances(userId)).toEqual({ postedMinor: 4900n, heldMinor: 0n });
});

describe('a failed refund that is redriven', () => {
  async function failedRefund(amount: number) {
    const made = await settledDeposit(20_000n, 'USD', 50_000n);
    scripted.answerSends(() => answers.refused);
    const { payment_id: refundId } = (await refund(made.depositId, { amount, reason: 'because' })).json;
    await work();
    scripted.answerSends(() => answers.succeeded);
    const letter = (await api.get('/api/v1/dlq?limit=1')).json.items[0];
    expect(letter.payment_id).toBe(refundId);
    return { ...made, refundId, letterId: letter.id };
  }

  test('gives back the same deposit', async () => {
    const { userId, depositId, refundId, letterId } = await failedRefund(150);
    const { redriven_payment_id: id } = (await api.post(`/api/v1/dlq/${letterId}/redrive`, {})).json;
    expect((await refund(depositId, { amount: 51 })).json).toMatchObject({ left: 50 });
    await work();
    expect(await read(id)).toMatchObject({
      type: 'refund',
      status: 'success',
      refund_of: Number(depositId),
      refund_reason: 'because',
      redrive_of: refundId,
      commission: 3,
    });
    expect((await balances(userId)).postedMinor).toBe(50_000n + 19_600n - 14_700n);
  });

  test('is refused once others have given back too much, and its letter stays open', async () => {
    const { depositId, letterId } = await failedRefund(150);
    expect((await refund(depositId, { amount: 100 })).status).toBe(202);
    expect(await api.post(`/api/v1/dlq/${letterId}/redrive`, {})).toMatchObject({
      status: 422,
      json: { code: 'refund-exceeds-deposit', left: 100, payment_id: Number(depositId) },
    });
    expect((await api.get(`/api/v1/dlq/${letterId}`)).json.action).toBeNull();
    await work();
  });

  test('at the same moment as others never gives back more than the deposit', async () => {
    const { depositId, letterId } = await failedRefund(150);
    await Promise.all([
      ...Array.from({ length: 4 }, () => refund(depositId, { amount: 45 })),
      api.post(`/api/v1/dlq/${letterId}/redrive`, {}),
    ]);
    await work();
    const { rows } = await database.pool.query(
      `select sum(amount)::int as sum from payments where refund_of = $1 and status = 'success'`,
      [depositId],
    );
    expect([180, 195].map((sum) => sum * 100)).toContain(rows[0].sum);
  });
});

test('a deposit in another currency is refunded in that currency, which need not be named', async () => {
  const { userId, depositId } = await settledDeposit(1000n, 'JPY');
  expect(await refund(depositId, { amount: 100.5 })).toMatchObject({
    status: 422,
    json: { errors: [{ field: 'amount', message: 'must have at most 0 decimals in JPY' }] },
  });
  expect(await refund(depositId, { amount: 100, currency: 'USD' })).toMatchObject({
    status: 422,
    json: {
      code: 'validation-failed',
      errors: [{ field: 'currency', message: 'must be JPY, the currency of the deposit' }],
    },
  });
  expect((await refund(depositId, { amount: 400 })).json).toMatchObject({ refund: 400, refund_minor: '400' });
  expect((await refund(depositId, { currency: 'JPY' })).json).toMatchObject({ refund: 600 });
  await work();
  expect((await balances(userId)).postedMinor).toBe(0n);
});

describe('what cannot be refunded', () => {
  test.each([
    ['an unknown member', { amounts: 1 }, 'amounts'],
    ['an amount of nothing', { amount: 0 }, 'amount'],
    ['a negative amount', { amount: -1 }, 'amount'],
    ['an amount of null', { amount: null }, 'amount'],
    ['an amount in words', { amount: 'all' }, 'amount'],
    ['fractions of a cent', { amount: 0.001 }, 'amount'],
    ['no currency at all', { currency: 'XXY' }, 'currency'],
    ['a reason of nothing', { reason: ' ' }, 'reason'],
  ])('%s is named', async (_what, body, field) => {
    const { depositId } = await settledDeposit();
    expect(await refund(depositId, body)).toMatchObject({
      status: 422,
      json: { code: 'validation-failed', errors: [{ field }] },
    });
  });

  test('a payment that is not there', async () => {
    expect(await refund(999_999)).toMatchObject({ status: 404, json: { code: 'payment-not-found' } });
  });

  test('a deposit that is under way or unknown, until it succeeds', async () => {
    const userId = await world.user();
    const depositId = await world.accept(userId, { type: 'deposit', amountMinor: 1000n });
    const expectRefused = async () =>
      expect(await refund(depositId, {}, 'key-of-an-early-refund')).toMatchObject({
        status: 409,
        json: {
          code: 'deposit-not-settled',
          retry: 'same-key',
          errors: [{ field: 'payment_id', message: 'names a deposit that has not succeeded yet' }],
        },
      });
    await expectRefused();
    scripted.answerSends(() => answers.unknown);
    scripted.answerInquiries(() => ({ kind: 'unknown', errorClass: 'x', message: 'x', httpStatus: null }));
    await work();
    await expectRefused();
    await api.post(`/api/v1/payments/${depositId}/resolve`, {
      outcome: 'executed',
      by: 'ana',
      reason: 'seen',
      evidence: 'their book',
    });
    expect((await refund(depositId, {}, 'key-of-an-early-refund')).status).toBe(202);
    scripted.answerSends(() => answers.succeeded);
    await work();
  });

  test('a deposit that has failed', async () => {
    const depositId = await world.accept(await world.user(), { type: 'deposit', amountMinor: 1000n });
    scripted.answerSends(() => answers.refused);
    await work();
    scripted.answerSends(() => answers.succeeded);
    expect(await refund(depositId)).toMatchObject({
      status: 409,
      json: {
        code: 'payment-not-refundable',
        retry: 'never',
        errors: [{ message: 'names a deposit that has failed' }],
      },
    });
  });

  test('a withdrawal, and a refund', async () => {
    const { userId, depositId } = await settledDeposit(20_000n, 'USD', 50_000n);
    const withdrawalId = await world.accept(userId, { amountMinor: 100n });
    const refundId = (await refund(depositId)).json.payment_id;
    await work();
    for (const [id, noun] of [
      [withdrawalId, 'withdrawal'],
      [refundId, 'refund'],
    ])
      expect(await refund(id, {})).toMatchObject({
        status: 409,
        json: {
          code: 'payment-not-refundable',
          retry: 'never',
          errors: [{ field: 'payment_id', message: `names a ${noun}, and only a deposit can be refunded` }],
        },
      });
  });
});

test('lists, the statement and the timeline show refunds for what they are', async () => {
  const { userId, depositId } = await settledDeposit();
  const { payment_id: id } = (await refund(depositId, { amount: 100 })).json;
  await work();
  const listed = (await api.get(`/api/v1/payments?user_id=${userId}&type=refund`)).json.items;
  expect(listed).toMatchObject([{ payment_id: id, type: 'refund', refund_of: Number(depositId) }]);
  const statement = (await api.get(`/api/v1/users/${userId}/statement`)).json.items;
  expect(statement[0]).toMatchObject({ payment_id: id, amount: -98, balance_after: 98 });
  const timeline = (await api.get(`/api/v1/payments/${id}/timeline`)).json;
  expect(timeline.items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'accepted',
    'held',
    'attempt',
    'ledger',
  ]);
  expect(timeline.items.at(-1).transaction.entries).toMatchObject([
    { account: 'fee', amount: -2 },
    { account: 'gateway', amount: 100 },
    { account: 'wallet', amount: -98 },
  ]);
});
