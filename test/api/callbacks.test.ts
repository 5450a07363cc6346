import { signatureOf } from '../builders/callbacks.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const PATH = '/api/v1/gateway/callbacks';
const SECRET = 'a secret of the test';
const OLD_SECRET = 'the secret before it';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl, { GATEWAY_CALLBACK_SECRET: `${SECRET}, ${OLD_SECRET}` });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

let eventNumber = 0;
function eventBody(changes: Record<string, unknown> = {}): string {
  eventNumber += 1;
  return JSON.stringify({
    event_id: `evt_${eventNumber}`,
    reference: '1-none',
    status: 'succeeded',
    amount: 200,
    currency: 'USD',
    gateway_reference: 'gw-1',
    ...changes,
  });
}
const send = (body: string, headers = signatureOf(body, { secret: SECRET })) => api.post(PATH, body, headers);

async function storedCount(): Promise<number> {
  const { rows } = await database.pool.query('select count(*)::int as count from gateway_events');
  return rows[0].count;
}

async function deposit(): Promise<{ paymentId: number; reference: string }> {
  const userId = await api.user();
  const { json } = await api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 200 });
  const { rows } = await database.pool.query('select reference from payments where id = $1', [
    json.payment_id,
  ]);
  return { paymentId: json.payment_id, reference: rows[0].reference };
}

test('a signed callback is stored, answered and applied to its payment without a worker', async () => {
  const { paymentId, reference } = await deposit();
  const answer = await send(eventBody({ reference, amount: 200.0, gateway_reference: 'gw-77' }));
  expect(answer).toMatchObject({ status: 202, json: { result: 'stored' } });
  await waitUntil('the payment is settled', async () => {
    const { json } = await api.get(`/api/v1/payments/${paymentId}`);
    return json.status === 'success' && json.gateway_reference === 'gw-77';
  });
});

test('the same event is answered 202 again and stored once', async () => {
  const { reference } = await deposit();
  const body = eventBody({ reference });
  const before = await storedCount();
  expect((await send(body)).json.result).toBe('stored');
  const again = await Promise.all([send(body), send(body), send(body)]);
  expect(again.map(({ status, json }) => [status, json.result])).toEqual(Array(3).fill([202, 'duplicate']));
  expect(await storedCount()).toBe(before + 1);
});

test('unknown fields of the gateway are kept with the body', async () => {
  const { reference } = await deposit();
  const body = eventBody({ reference, event_id: 'evt_more', issuer: { name: 'Bank' } });
  expect((await send(body)).status).toBe(202);
  const { rows } = await database.pool.query(
    `select raw_body from gateway_events where event_id = 'evt_more'`,
  );
  expect(rows[0].raw_body).toBe(body);
});

test('a callback signed with the previous secret is accepted while secrets are being replaced', async () => {
  const { reference } = await deposit();
  const body = eventBody({ reference });
  expect((await send(body, signatureOf(body, { secret: OLD_SECRET }))).status).toBe(202);
});

test('a callback without a valid signature is refused and not stored', async () => {
  const body = eventBody();
  const before = await storedCount();
  const longAgo = Date.now() - 10 * 60_000;
  const refused = await Promise.all([
    send(body, {}),
    send(body, { 'tollgate-signature': 'nonsense' }),
    send(body, signatureOf(body, { secret: 'somebody else’s' })),
    send(body, signatureOf(body, { secret: SECRET, nowMs: longAgo })),
    send(`${body} `, signatureOf(body, { secret: SECRET })),
    send('', {}),
  ]);
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 401, json: { code: 'signature-invalid' } });
  }
  expect(await storedCount()).toBe(before);
});

test.each([
  ['no JSON', '{"event_id":', 400],
  ['nothing', '', 422],
  ['no object', '[]', 422],
  ['a status that says nothing', eventBody({ status: 'pending' }), 422],
  ['an amount that is none', eventBody({ amount: 'a lot' }), 422],
  ['no amount', eventBody({ amount: undefined }), 422],
])('a signed body with %s is refused', async (_what, body, status) => {
  expect((await send(body)).status).toBe(status);
});

test('a signed body that is not UTF-8 is refused', async () => {
  const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  const { createHmac } = await import('node:crypto');
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', SECRET).update(`${t}.`).update(bytes).digest('hex');
  const response = await fetch(api.origin + PATH, {
    method: 'POST',
    body: bytes,
    headers: { 'content-type': 'application/json', 'tollgate-signature': `t=${t},v1=${v1}` },
  });
  expect(response.status).toBe(400);
});

test('a body beyond the limit is refused before its signature is looked at', async () => {
  const body = eventBody({ note: 'x'.repeat(70_000) });
  expect((await send(body)).status).toBe(413);
});

test('a body of another type, or a compressed one, is refused', async () => {
  const body = eventBody();
  const signature = signatureOf(body, { secret: SECRET });
  expect((await send(body, { ...signature, 'content-type': 'text/plain' })).status).toBe(415);
  expect((await send(body, { ...signature, 'content-encoding': 'gzip' })).status).toBe(415);
});

test('a server without a secret says that it accepts no callbacks', async () => {
  const other = await startTestApi(database.databaseUrl);
  try {
    const body = eventBody();
    const answer = await other.post(PATH, body, signatureOf(body, { secret: SECRET }));
    expect(answer).toMatchObject({ status: 404, json: { code: 'callbacks-not-configured' } });
  } finally {
    await other.stop();
  }
});

test('an id of the gateway beyond 2^53 is kept as it was written, and is the same in its next callback', async () => {
  const { paymentId, reference } = await deposit();
  const told = (eventId: string) =>
    eventBody({ event_id: eventId, reference }).replace('"gw-1"', '9007199254740993');
  expect((await send(told('evt_large_1'))).status).toBe(202);
  await waitUntil('the payment is settled', async () => {
    const { json } = await api.get(`/api/v1/payments/${paymentId}`);
    return json.gateway_reference === '9007199254740993';
  });
  expect((await send(told('evt_large_2'))).status).toBe(202);
  await waitUntil('the second is processed', async () => (await resultOf('evt_large_2')) !== null);
  expect(await resultOf('evt_large_2')).toBe('matched');
});

test('a callback with text that a database cannot store is stored all the same', async () => {
  const { reference } = await deposit();
  const odd = {
    reference,
    event_id: 'evt_odd',
    message: 'no \ud83d\0',
    currency: 'US\ude00',
    status: 'refused',
  };
  expect((await send(eventBody(odd))).status).toBe(202);
  await waitUntil('it is processed', async () => (await resultOf('evt_odd')) !== null);
  expect(await resultOf('evt_odd')).toBe('exception');
});

test('a callback that names the other direction settles nothing', async () => {
  const { paymentId, reference } = await deposit();
  await send(eventBody({ reference, event_id: 'evt_direction', type: 'withdraw' }));
  await waitUntil('it is processed', async () => (await resultOf('evt_direction')) !== null);
  expect(await resultOf('evt_direction')).toBe('exception');
  expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('processing');
});

test.each([
  ['thousands', { amount: '1,050.00' }],
  ['a currency in it', { amount: '50.00 USD' }],
  ['a plus', { amount: '+50' }],
  ['no digits of ours', { amount: '-0x10' }],
])('a callback whose amount is written with %s is kept, and settles nothing', async (what, changes) => {
  const { paymentId, reference } = await deposit();
  const eventId = `evt_amount_${what}`;
  expect((await send(eventBody({ reference, event_id: eventId, ...changes }))).status).toBe(202);
  await waitUntil('it is processed', async () => (await resultOf(eventId)) !== null);
  expect(await resultOf(eventId)).toBe('exception');
  expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('processing');
});

test('an event whose id is a number keeps it as it was written', async () => {
  const { reference } = await deposit();
  const body = eventBody({ reference, event_id: 'ID' }).replace('"ID"', '9007199254740993');
  expect((await send(body)).status).toBe(202);
  await waitUntil('it is processed', async () => (await resultOf('9007199254740993')) !== null);
  expect(await resultOf('9007199254740993')).toBe('concluded');
});

test('a callback may use the same words for the direction as an answer', async () => {
  const { reference } = await deposit();
  await send(eventBody({ reference, event_id: 'evt_upper', type: 'DEPOSIT' }));
  await waitUntil('it is processed', async () => (await resultOf('evt_upper')) !== null);
  expect(await resultOf('evt_upper')).toBe('concluded');
});

test.each([
  ['currency', 'USD'],
  ['type', 'deposit'],
])('a callback whose %s only begins as ours does settles nothing', async (field, ours) => {
  const { reference } = await deposit();
  const eventId = `evt_begins_${field}`;
  const text = `${ours}${' '.repeat(40)}no more`;
  expect((await send(eventBody({ reference, event_id: eventId, [field]: text }))).status).toBe(202);
  await waitUntil('it is processed', async () => (await resultOf(eventId)) !== null);
  expect(await resultOf(eventId)).toBe('exception');
});

async function resultOf(eventId: string): Promise<string | null> {
  const { rows } = await database.pool.query('select result from gateway_events where event_id = $1', [
    eventId,
  ]);
  return rows[0]?.result ?? null;
}

/** A gateway would send them again for ever, and what they say of the money would be lost. */
test.each<[string, string]>([
  ['half of a surrogate pair', 'evt_\ud83d'],
  ['the other half', 'evt_\ude00'],
  ['NUL', 'evt_\0'],
  ['a character that nobody sees', 'evt_\u200b'],
  ['nothing that can be seen', '\u200b\u2060'],
  ['spaces alone', '   '],
  ['a line break', 'evt\n1'],
  ['more than 255 characters', 'x'.repeat(256)],
])(
  'a callback whose id has %s is kept under a digest of the id, once, and counts',
  async (_what, eventId) => {
    const { paymentId, reference } = await deposit();
    const body = eventBody({ reference, event_id: eventId });
    const first = await send(body);
    expect(first).toMatchObject({ status: 202, json: { result: 'stored' } });
    expect(first.json.event_id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await send(body)).toMatchObject({
      status: 202,
      json: { result: 'duplicate', event_id: first.json.event_id },
    });
    await waitUntil('it is processed', async () => (await resultOf(first.json.event_id)) !== null);
    expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('success');
    const { rows } = await database.pool.query('select raw_body from gateway_events where event_id = $1', [
      first.json.event_id,
    ]);
    expect(JSON.parse(rows[0].raw_body).event_id).toBe(eventId);
  },
);

test('ids that differ only in text that a database cannot store are different events', async () => {
  const ids = [
    'evt_\ud83d',
    'evt_\ud83e',
    'evt_\ude00',
    'evt_\ufffd',
    'evt_\0',
    'evt_\u200b',
    'evt_\u200c',
    'evt_',
  ];
  const kept = await Promise.all(
    ids.map(async (event_id) => (await send(eventBody({ event_id, reference: '7-other' }))).json.event_id),
  );
  expect(new Set(kept).size).toBe(ids.length);
});

test('a callback may use the same words for the status as an answer', async () => {
  const { paymentId, reference } = await deposit();
  await send(eventBody({ reference, event_id: 'evt_status', status: 'SUCCEEDED' }));
  await waitUntil('it is processed', async () => (await resultOf('evt_status')) !== null);
  expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('success');
});

describe('a callback that contradicts itself', () => {
  test.each<[string, object]>([
    ['refused', { data: { state: 'succeeded' } }],
    ['refused', { success: true }],
    ['refused', { paid: 'yes' }],
    ['succeeded', { errors: [{ code: 'E1' }] }],
    ['succeeded', { success: false }],
    ['succeeded', { data: { state: 'declined' } }],
  ])(
    'with %s and %j ends nothing, is shown to a person, and counts as evidence that the money may have moved',
    async (status, more) => {
      const { paymentId, reference } = await deposit();
      const eventId = `evt_doubt_${paymentId}`;
      expect((await send(eventBody({ reference, event_id: eventId, status, ...more }))).status).toBe(202);
      await waitUntil('it is processed', async () => (await resultOf(eventId)) !== null);
      expect(await resultOf(eventId)).toBe('exception');
      expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('processing');
      const { rows } = await database.pool.query(
        'select kind, theirs from reconciliation_differences where reference = $1',
        [reference],
      );
      expect(rows).toMatchObject([{ kind: 'status_contradiction', theirs: { status: 'succeeded' } }]);

      // A clear refusal that follows does not release the money.
      await send(eventBody({ reference, event_id: `${eventId}_2`, status: 'refused' }));
      await waitUntil('it is processed', async () => (await resultOf(`${eventId}_2`)) !== null);
      expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('processing');
    },
  );

  test('with a field that is not about the payment stays clear', async () => {
    const { paymentId, reference } = await deposit();
    const more = {
      message: '3-D Secure succeeded, the issuer declined',
      type: 'deposit',
      issuer: { name: 'Bank' },
    };
    await send(eventBody({ reference, event_id: 'evt_clear', status: 'refused', ...more }));
    await waitUntil('it is processed', async () => (await resultOf('evt_clear')) !== null);
    expect((await api.get(`/api/v1/payments/${paymentId}`)).json.status).toBe('failed');
  });
});
