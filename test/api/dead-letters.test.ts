import { eventAbout, receive } from '../builders/callbacks.ts';
import { createPaymentWorld, type PaymentWorld } from '../builders/payment-world.ts';
import { answers, createScriptedGateway } from '../builders/scripted-gateway.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { runBulkRedriveSlice } from '../support/bulk-redrive-slice.ts';
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
afterEach(async () => expect(await world.violations()).toEqual([]));
afterAll(async () => {
  await api.stop();
  await database.close();
});

/** Lets a withdrawal of 50 end in the dead letters and gives its letter. */
async function makeLetter(userId: bigint, ending: keyof typeof answers) {
  scripted.answerSends(() => answers[ending]);
  const paymentId = await world.accept(userId);
  await workUntilQueueIsEmpty();
  const { items } = (await api.get('/api/v1/dlq?limit=1')).json;
  expect(items[0].payment_id).toBe(Number(paymentId));
  return items[0];
}

async function workUntilQueueIsEmpty(): Promise<void> {
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

test('a dead letter says what happened', async () => {
  const letter = await makeLetter(await world.user(), 'notExecuted');
  expect(letter).toMatchObject({
    amount: 50,
    commission: 1,
    payment_type: 'withdraw',
    reason: 'attempts_exhausted',
    error: 'connection_refused',
    attempts: 3,
    action: null,
  });
  expect((await api.get(`/api/v1/dlq/${letter.id}`)).json).toEqual(letter);
});

test('letters are listed newest first, page by page', async () => {
  const userId = await world.user();
  const made = [await makeLetter(userId, 'refused'), await makeLetter(userId, 'refused')];
  const first = await api.get('/api/v1/dlq?limit=1');
  const second = await api.get(`/api/v1/dlq?limit=1&cursor=${first.json.next_cursor}`);
  expect([...first.json.items, ...second.json.items].map(({ id }) => id)).toEqual([made[1].id, made[0].id]);
});

test('redriving a failed payment makes a new one, and the failed one stays as it is', async () => {
  const userId = await world.user();
  const letter = await makeLetter(userId, 'refused');
  const redriven = await api.post(`/api/v1/dlq/${letter.id}/redrive`, {
    by: 'ana',
    reason: 'card was unblocked',
  });
  expect(redriven).toMatchObject({
    status: 200,
    json: { action: 'redriven', action_by: 'ana', action_reason: 'card was unblocked' },
  });
  const newId = redriven.json.redriven_payment_id;
  expect(newId).not.toBe(letter.payment_id);
  expect((await world.wallet(userId)).heldMinor).toBe(5100n);

  scripted.answerSends(() => answers.succeeded);
  await workUntilQueueIsEmpty();
  expect((await api.get(`/api/v1/payments/${newId}`)).json).toMatchObject({
    status: 'success',
    redrive_of: letter.payment_id,
  });
  expect((await api.get(`/api/v1/payments/${letter.payment_id}`)).json).toMatchObject({ status: 'failed' });
});

test('redriving a withdrawal needs the money again', async () => {
  const userId = await world.user(6000n);
  const letter = await makeLetter(userId, 'refused');
  const spent = await world.accept(userId);
  expect(await api.post(`/api/v1/dlq/${letter.id}/redrive`, {})).toMatchObject({
    status: 422,
    json: { code: 'redrive-not-funded', available: 9, needed: 51 },
  });
  expect((await api.get(`/api/v1/dlq/${letter.id}`)).json.action).toBeNull();
  scripted.answerSends(() => answers.succeeded);
  await workUntilQueueIsEmpty();
  expect(await world.payment(spent)).toMatchObject({ status: 'success' });
});

test('redriving an unknown payment queues the same payment again, and the gateway is asked before anything is sent', async () => {
  const userId = await world.user();
  const letter = await makeLetter(userId, 'unknown');
  expect(letter.reason).toBe('outcome_unknown');
  const sentBefore = scripted.sent.length;
  scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw-late' }));

  const redriven = await api.post(`/api/v1/dlq/${letter.id}/redrive`, {});
  expect(redriven.json).toMatchObject({
    action: 'redriven',
    action_by: 'local operator',
    redriven_payment_id: letter.payment_id,
  });
  await workUntilQueueIsEmpty();
  scripted.answerInquiries(() => ({ kind: 'not_found' }));

  expect((await api.get(`/api/v1/payments/${letter.payment_id}`)).json).toMatchObject({
    status: 'success',
    gateway_reference: 'gw-late',
    attempts: 4,
  });
  expect(scripted.sent).toHaveLength(sentBefore);
});

test('a letter is dealt with once, however often anybody asks', async () => {
  const letter = await makeLetter(await world.user(), 'refused');
  const tries = await Promise.all(
    Array.from({ length: 10 }, () => api.post(`/api/v1/dlq/${letter.id}/redrive`, {})),
  );
  expect(tries.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
  expect(await api.post(`/api/v1/dlq/${letter.id}/discard`, { reason: 'late' })).toMatchObject({
    status: 409,
    json: { code: 'dead-letter-handled' },
  });
  scripted.answerSends(() => answers.succeeded);
  await workUntilQueueIsEmpty();
});

test('discarding is recorded with its reason', async () => {
  const letter = await makeLetter(await world.user(), 'refused');
  expect(
    await api.post(`/api/v1/dlq/${letter.id}/discard`, { reason: 'paid by hand', by: 'ana' }),
  ).toMatchObject({
    status: 200,
    json: { action: 'discarded', action_by: 'ana', action_reason: 'paid by hand' },
  });
});

test.each([{}, { reason: '' }, { reason: '  ' }, { reason: 'x'.repeat(501) }, { reason: 5 }])(
  'discarding with %j is refused and names the reason',
  async (body) => {
    const letter = await makeLetter(await world.user(), 'refused');
    expect(await api.post(`/api/v1/dlq/${letter.id}/discard`, body)).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'reason' }] },
    });
  },
);

test('a letter of unknown outcome cannot be discarded', async () => {
  const letter = await makeLetter(await world.user(), 'unknown');
  expect(await api.post(`/api/v1/dlq/${letter.id}/discard`, { reason: 'tired of it' })).toMatchObject({
    status: 409,
    json: { code: 'outcome-unknown' },
  });
});

test('letters that do not exist are answered 404', async () => {
  expect(await api.post('/api/v1/dlq/999999/redrive', {})).toMatchObject({ status: 404 });
  expect(await api.post('/api/v1/dlq/999999/discard', { reason: 'x' })).toMatchObject({ status: 404 });
});

describe('a letter whose payment was carried out after all', () => {
  async function makeContradicted() {
    const letter = await makeLetter(await world.user(), 'refused');
    await receive(
      database.pool,
      await eventAbout(database.pool, BigInt(letter.payment_id), { eventId: `evt-${letter.id}` }),
    );
    return letter;
  }

  test('is not redriven: the answer shows the evidence and its time', async () => {
    const letter = await makeContradicted();
    const refused = await api.post(`/api/v1/dlq/${letter.id}/redrive`, { by: 'ana', reason: 'again' });
    expect(refused).toMatchObject({
      status: 409,
      json: { code: 'evidence-contradicts', evidence: expect.any(Array) },
    });
    expect(refused.json.evidence).toEqual(
      expect.arrayContaining([
        {
          source: 'callback',
          payment_id: letter.payment_id,
          what: expect.stringContaining(`callback evt-${letter.id} said that it succeeded (50.`),
          when: expect.stringMatching(/^\d{4}-/),
        },
        expect.objectContaining({ source: 'exception' }),
      ]),
    );
    expect((await api.get(`/api/v1/dlq/${letter.id}`)).json.action).toBeNull();
    expect(await world.count('payment_tasks')).toBe(0);
  });

  test.each([
    [{ override_evidence: true }, ['by', 'reason']],
    [{ override_evidence: true, by: 'ana' }, ['reason']],
    [{ override_evidence: true, by: 'ana', reason: ' ' }, ['reason']],
    [{ override_evidence: 'yes', by: 'ana', reason: 'x' }, ['override_evidence']],
  ])('is not redriven with %j', async (body, fields) => {
    const letter = await makeContradicted();
    const answer = await api.post(`/api/v1/dlq/${letter.id}/redrive`, body);
    expect(answer).toMatchObject({ status: 422, json: { code: 'validation-failed' } });
    expect(answer.json.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  test('is redriven by a person who overrides the evidence, and keeps that evidence for ever', async () => {
    const letter = await makeContradicted();
    const redriven = await api.post(`/api/v1/dlq/${letter.id}/redrive`, {
      by: 'ana',
      reason: 'they took it back',
      override_evidence: true,
    });
    expect(redriven).toMatchObject({
      status: 200,
      json: {
        action: 'redriven',
        action_by: 'ana',
        action_reason: 'they took it back',
        overridden_evidence: expect.arrayContaining([expect.objectContaining({ source: 'callback' })]),
      },
    });
    scripted.answerInquiries(() => ({ kind: 'succeeded', gatewayReference: 'gw' }));
    await workUntilQueueIsEmpty();
    scripted.answerInquiries(() => ({ kind: 'not_found' }));
    const { items } = (await api.get(`/api/v1/payments/${letter.payment_id}/timeline`)).json;
    expect(items).toContainEqual(
      expect.objectContaining({
        kind: 'dead_letter_closed',
        dead_letter: expect.objectContaining({ overridden_evidence: expect.any(Array) }),
      }),
    );
  });

  test('is left alone by a bulk redrive, and counted', async () => {
    const letter = await makeContradicted();
    const order = { letters: [letter.id], by: 'ana', reason: 'all', per_second: 1 };
    const { json: started } = await api.post('/api/v1/bulk-redrives', order);
    await runBulkRedriveSlice(database.pool, { onLetterFailed: () => {} });
    expect((await api.get(`/api/v1/bulk-redrives/${started.id}`)).json).toMatchObject({
      redriven: 0,
      withheld: 1,
      failed: 0,
    });
  });
});
