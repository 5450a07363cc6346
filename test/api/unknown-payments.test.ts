import { eventAbout, receive } from '../builders/callbacks.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;
const scripted = createScriptedGateway();

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
});
beforeEach(() => {
  scripted.answerSends(() => answers.unknown);
});
afterEach(async () => expect(await world.violations()).toEqual([]));
afterAll(async () => {
  await api.stop();
  await database.close();
});

async function makeUnknown(count = 1): Promise<bigint[]> {
  const userId = await world.user();
  const paymentIds: bigint[] = [];
  for (let made = 0; made < count; made += 1) paymentIds.push(await world.accept(userId));
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  return paymentIds;
}

const decision = {
  outcome: 'executed',
  by: 'ana',
  reason: 'the gateway confirmed it',
  evidence: 'ticket 4711',
  gateway_reference: 'gw-9',
};
const resolve = (paymentId: bigint, changes: Record<string, unknown> = {}) =>
  api.post(`/api/v1/payments/${paymentId}/resolve`, { ...decision, ...changes });

async function walk(path: string): Promise<number[]> {
  const found: number[] = [];
  for (let next: string | null = path; next; ) {
    const { json, headers }: { json: { items: { payment: { payment_id: number } }[] }; headers: Headers } =
      await api.get(next);
    found.push(...json.items.map(({ payment }) => payment.payment_id));
    next = /<([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? null;
  }
  return found;
}

describe('the list of unknown payments', () => {
  test('shows each with the evidence for either outcome', async () => {
    const [paymentId] = await makeUnknown();
    const { items } = (await api.get('/api/v1/unknown-payments?limit=1')).json;
    expect(items).toEqual([
      {
        payment: expect.objectContaining({
          payment_id: Number(paymentId),
          status: 'unknown',
          needs_review: false,
        }),
        gateway: 'default',
        unknown_since: expect.any(String),
        asked_count: 0,
        not_found_count: 0,
        last_answer: null,
        next_ask_at: expect.any(String),
        needs_review_at: null,
        attempts: expect.objectContaining({
          count: 3,
          unknown_count: 3,
          succeeded_count: 0,
          last_outcome: 'unknown',
          last_error_class: 'timeout',
        }),
      },
    ]);
  });

  test('goes page by page, by state', async () => {
    const made = (await makeUnknown(5)).map(Number);
    const [first, , third] = made;
    await database.pool.query(
      'update payment_inquiries set needs_review_at = now() where payment_id = any ($1::bigint[])',
      [[first, third]],
    );
    const all = await walk('/api/v1/unknown-payments?limit=2');
    expect(all).toEqual(all.toSorted((a, b) => b - a));
    expect(all).toEqual(expect.arrayContaining(made));
    expect(await walk('/api/v1/unknown-payments?limit=1&state=needs_review')).toEqual([third, first]);
    const asking = await walk('/api/v1/unknown-payments?limit=3&state=asking');
    expect(asking).toHaveLength(all.length - 2);
    expect((await api.get(`/api/v1/payments/${first}`)).json).toMatchObject({ needs_review: true });
  });

  test('knows its states and its cursors only', async () => {
    expect((await api.get('/api/v1/unknown-payments?state=lost')).status).toBe(422);
    expect((await api.get('/api/v1/unknown-payments?cursor=abc')).status).toBe(422);
  });
});

describe('resolving', () => {
  test('answers with the payment as it ended', async () => {
    const [paymentId] = (await makeUnknown()) as [bigint];
    expect(await resolve(paymentId)).toMatchObject({
      status: 200,
      json: { status: 'success', transaction_status: 'posted', gateway_reference: 'gw-9' },
    });
  });

  test('a second time is answered with who did it first', async () => {
    const [paymentId] = (await makeUnknown()) as [bigint];
    expect((await resolve(paymentId, { outcome: 'not_executed' })).json.status).toBe('failed');
    const again = await resolve(paymentId, { outcome: 'not_executed' });
    expect(again).toMatchObject({ status: 409, json: { code: 'payment-resolved' } });
    expect(again.json.detail).toContain('as not_executed by ana');
  });

  test('is refused for a payment that is in the queue or has ended', async () => {
    const paymentId = await world.accept(await world.user());
    expect(await resolve(paymentId)).toMatchObject({ status: 409, json: { code: 'payment-not-unknown' } });
    await receive(database.pool, await eventAbout(database.pool, paymentId));
    expect(await resolve(paymentId)).toMatchObject({ status: 409, json: { code: 'payment-not-unknown' } });
    expect((await resolve(987_654_321n)).status).toBe(404);
  });

  test.each(['by', 'reason', 'evidence', 'outcome'])('needs %s', async (field) => {
    const [paymentId] = (await makeUnknown()) as [bigint];
    const answer = await resolve(paymentId, { [field]: undefined });
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field }] } });
    expect((await world.payment(paymentId)).status).toBe('unknown');
  });
});

test('the timeline tells everything that happened to a payment, in order', async () => {
  const [paymentId] = (await makeUnknown()) as [bigint];
  await resolve(paymentId, { outcome: 'not_executed' });
  await receive(database.pool, await eventAbout(database.pool, paymentId));
  const { json, status } = await api.get(`/api/v1/payments/${paymentId}/timeline`);
  expect(status).toBe(200);
  expect(json.items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'accepted',
    'held',
    'attempt',
    'attempt',
    'attempt',
    'dead_letter',
    'resolution',
    'released',
    'callback',
    'exception',
  ]);
  const times = json.items.map(({ at }: { at: string }) => at);
  expect(times).toEqual(times.toSorted());
  const [, hold, , , , letter, resolution, release, callback, exception] = json.items;
  expect(hold.hold).toEqual({ amount: 51, amount_minor: '5100' });
  expect(letter.dead_letter).toMatchObject({ reason: 'attempts_exhausted', action: null });
  expect(resolution.resolution).toEqual({
    outcome: 'not_executed',
    by: 'ana',
    reason: 'the gateway confirmed it',
    evidence: 'ticket 4711',
    gateway_reference: 'gw-9',
    overridden_evidence: null,
  });
  expect(release.hold).toEqual({ amount: 51, amount_minor: '5100' });
  expect(callback.callback).toMatchObject({ status: 'succeeded', result: 'exception', delivery_count: 1 });
  expect(exception.exception).toMatchObject({ kind: 'status_contradiction', payment_id: Number(paymentId) });
  expect(json.inquiry).toBeNull();
});

test('the timeline of an unknown payment shows how often the gateway was asked', async () => {
  const [paymentId] = (await makeUnknown()) as [bigint];
  const { json } = await api.get(`/api/v1/payments/${paymentId}/timeline`);
  expect(json.inquiry).toMatchObject({ asked_count: 0, needs_review_at: null });
  expect((await api.get('/api/v1/payments/987654321/timeline')).status).toBe(404);
});

describe('exceptions', () => {
  async function makeDifference(): Promise<number> {
    const paymentId = await world.accept(await world.user());
    await receive(database.pool, await eventAbout(database.pool, paymentId));
    await receive(database.pool, await eventAbout(database.pool, paymentId, { status: 'refused' }));
    const { items } = (await api.get(`/api/v1/reconciliation/exceptions?payment_id=${paymentId}`)).json;
    expect(items).toMatchObject([{ kind: 'status_contradiction', closed_at: null }]);
    return items[0].id;
  }
  const close = (id: number, by: string) =>
    api.post(`/api/v1/reconciliation/exceptions/${id}/close`, { by, reason: 'the gateway reversed it' });

  test('are listed while they are open, newest first and page by page', async () => {
    const made = [await makeDifference(), await makeDifference(), await makeDifference()];
    const first = await api.get('/api/v1/reconciliation/exceptions?limit=2&kind=status_contradiction');
    expect(first.json.items.map(({ id }: { id: number }) => id)).toEqual([made[2], made[1]]);
    const second = await api.get(
      `/api/v1/reconciliation/exceptions?limit=1&cursor=${first.json.next_cursor}`,
    );
    expect(second.json.items[0].id).toBe(made[0]);
  });

  test('are closed once, by one person with a reason', async () => {
    const id = await makeDifference();
    const closings = await Promise.all(['ana', 'ben', 'cleo'].map((by) => close(id, by)));
    expect(closings.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    const read = (await api.get(`/api/v1/reconciliation/exceptions/${id}`)).json;
    expect(read).toMatchObject({ closed_by: expect.any(String), closed_reason: 'the gateway reversed it' });
    expect(closings.find(({ status }) => status === 200)?.json).toEqual(read);
    expect(closings.find(({ status }) => status === 409)?.json).toMatchObject({
      code: 'exception-closed',
      detail: expect.stringContaining(read.closed_by),
    });
    const closed = await api.get('/api/v1/reconciliation/exceptions?state=closed&limit=1');
    expect(closed.json.items).toEqual([read]);
  });

  test('that do not exist cannot be read or closed', async () => {
    expect((await api.get('/api/v1/reconciliation/exceptions/999999')).status).toBe(404);
    expect(await close(999_999, 'ana')).toMatchObject({ status: 404, json: { code: 'exception-not-found' } });
  });
});

test('resolving as not executed needs an override if a late answer says otherwise, and the timeline keeps that', async () => {
  const [paymentId] = await makeUnknown();
  await database.pool.query(
    `update payment_attempts set outcome = 'succeeded' where payment_id = $1 and attempt = 1`,
    [paymentId],
  );
  expect(await resolve(paymentId!, { outcome: 'not_executed' })).toMatchObject({
    status: 409,
    json: { code: 'evidence-contradicts', evidence: [{ source: 'attempt', payment_id: Number(paymentId) }] },
  });
  expect(await resolve(paymentId!, { outcome: 'not_executed', override_evidence: true })).toMatchObject({
    status: 200,
    json: { status: 'failed' },
  });
  const { items } = (await api.get(`/api/v1/payments/${paymentId}/timeline`)).json;
  expect(items.find(({ kind }: { kind: string }) => kind === 'resolution')).toMatchObject({
    resolution: { overridden_evidence: [{ source: 'attempt' }] },
  });
});
