import { makeDeadLetters } from '../builders/dead-letters.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { runBulkRedriveSlice } from '../support/bulk-redrive-slice.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PATH = '/api/v1/bulk-redrives';

let database: TestDatabase;
let world: PaymentWorld;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  api = await startTestApi(database.databaseUrl);
});
afterEach(async () => expect(await world.violations()).toEqual([]));
afterAll(async () => {
  await api.stop();
  await database.close();
});

const order = (changes: object = {}) => ({ by: 'ana', reason: 'the gateway is back', ...changes });
const orderCount = () => world.count('bulk_redrives');
const makeIds = async (count: number) =>
  (await makeDeadLetters(database, world, { count })).map((id) => Number(id));

describe('letters that are named', () => {
  test('must all exist, or nothing is started', async () => {
    const ids = await makeIds(2);
    const before = await orderCount();
    const answer = await api.post(PATH, order({ letters: [ids[0], 888_888, ids[1], 777_777] }));
    expect(answer).toMatchObject({
      status: 422,
      json: {
        code: 'validation-failed',
        errors: [
          {
            field: 'letters',
            message: 'must be ids of dead letters; none exist with 888888, 777777',
          },
        ],
      },
    });
    expect(await orderCount()).toBe(before);
  });

  test('must not be named twice', async () => {
    const [id, other] = await makeIds(2);
    const before = await orderCount();
    expect(await api.post(PATH, order({ letters: [id, other, id, id] }))).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'letters', message: `must not name a dead letter twice: ${id}` }] },
    });
    expect(await orderCount()).toBe(before);
  });

  test.each([
    [[], 'must not be empty'],
    [Array.from({ length: 1001 }, (_, index) => index + 1), 'must have at most 1000 ids'],
  ])('must not be empty or too many', async (letters, message) => {
    const answer = await api.post(PATH, order({ letters }));
    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'letters', message }] } });
  });

  test('that do not exist are named up to a limit', async () => {
    const letters = Array.from({ length: 1000 }, (_, index) => 900_000 + index);
    const { json } = await api.post(PATH, order({ letters }));
    expect(json.errors[0].message).toContain('900000, 900001');
    expect(json.errors[0].message).toContain('980 more');
  });

  test('that were dealt with before are left alone', async () => {
    const [first, second] = await makeIds(2);
    await api.post(`/api/v1/dlq/${first}/discard`, { reason: 'paid by hand' });
    const answer = await api.post(PATH, order({ letters: [first, second] }));
    expect(answer).toMatchObject({ status: 202, json: { total: 1 } });
  });
});

test('any of several reasons may be meant', async () => {
  const userId = await world.user();
  for (const reason of ['refused', 'attempts_exhausted', 'poison'])
    await makeDeadLetters(database, world, { count: 1, userId, reason });
  const { status, json } = await api.post(
    PATH,
    order({ user_id: Number(userId), reason_is: ['refused', 'attempts_exhausted'] }),
  );
  expect([status, json.total, json.filter.reasons]).toEqual([202, 2, ['refused', 'attempts_exhausted']]);
  const one = await api.post(PATH, order({ user_id: Number(userId), reason_is: 'poison' }));
  expect([one.json.total, one.json.filter.reasons]).toEqual([1, ['poison']]);
});

describe('an order with a key', () => {
  const send = (key: string, body: object) => api.post(PATH, body, { 'Idempotency-Key': key });

  test('is carried out once, and its repetition gets the same answer', async () => {
    const letters = await makeIds(2);
    const before = await orderCount();
    const first = await send('order-1', order({ letters }));
    expect(first.status).toBe(202);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(first.headers.get('location')).toBe(`${PATH}/${first.json.id}`);
    // What became of it meanwhile is for its own address to tell.
    await runBulkRedriveSlice(database.pool, { onLetterFailed: () => {} });
    for (const body of [
      order({ letters }),
      order({ letters: letters.toReversed() }),
      order({ letters, per_second: 20 }),
    ]) {
      const again = await send('"order-1"', body);
      expect([again.status, again.headers.get('idempotency-replayed'), again.text]).toEqual([
        202,
        'true',
        first.text,
      ]);
      expect(again.headers.get('location')).toBe(`${PATH}/${first.json.id}`);
    }
    expect(await orderCount()).toBe(before + 1);
  });

  test.each([
    { reason: 'another reason' },
    { by: 'ben' },
    { per_second: 21 },
    { reason_is: 'refused' },
    { type: 'deposit' },
    { user_id: 1 },
    { letters: [888_888] },
  ])('is refused under the key of another order: %j', async (change) => {
    const key = `other-${Object.keys(change)[0]}`;
    expect((await send(key, order())).status).toBe(202);
    const before = await orderCount();
    expect(await send(key, order(change))).toMatchObject({
      status: 422,
      json: { code: 'idempotency-key-reused', errors: [{ field: 'Idempotency-Key' }] },
    });
    expect(await orderCount()).toBe(before);
  });

  test('that comes many times at once begins one redrive', async () => {
    const before = await orderCount();
    const all = await Promise.all(Array.from({ length: 8 }, () => send('at-once', order())));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
    expect(new Set(all.map(({ json }) => json.id)).size).toBe(1);
    expect(all.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(7);
    expect(await orderCount()).toBe(before + 1);
  });

  test('does not share its key with users: one that was created with the same key is not an order', async () => {
    expect((await api.post('/api/v1/users', {}, { 'Idempotency-Key': 'shared' })).status).toBe(201);
    expect((await send('shared', order())).status).toBe(202);
  });

  test('is never carried out again, even when its answer has expired or its row was pruned', async () => {
    const { json } = await send('old', order());
    await database.pool.query('delete from bulk_redrives where id = $1', [json.id]);
    await database.pool.query(
      "update idempotency_keys set created_at = now() - interval '8 days' where key = 'old'",
    );
    const before = await orderCount();
    expect(await send('old', order())).toMatchObject({
      status: 409,
      json: { code: 'idempotency-key-expired', bulk_redrive: `${PATH}/${json.id}` },
    });
    expect(await orderCount()).toBe(before);
  });

  test.each(['', 'a b', 'x'.repeat(256)])('must have a valid key, not %j', async (key) => {
    expect((await send(key, order())).status).toBe(400);
  });

  test('that was refused may be repeated with its key', async () => {
    const [id] = await makeIds(1);
    expect((await send('mended', order({ letters: [id, 999_999] }))).status).toBe(422);
    expect((await send('mended', order({ letters: [id] }))).status).toBe(202);
  });
});

test('the integrity check accepts the key of an order', async () => {
  await api.post(PATH, order(), { 'Idempotency-Key': 'checked' });
  expect((await api.post('/api/v1/integrity/checks', {})).status).toBe(200);
  await database.pool.query("update idempotency_keys set created_at = now() - interval '1 hour'");
  for (let turn = 0; turn < 3; turn += 1) await api.post('/api/v1/integrity/checks', {});
  expect((await api.get('/api/v1/integrity/violations')).json.items).toEqual([]);
});
