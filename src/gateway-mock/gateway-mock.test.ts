import { testConfig } from '../../test/support/test-config.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createLogger } from '../telemetry/logging.ts';
import { behaviourFromConfig, type CallMode } from './behaviour.ts';
import { startGatewayMock } from './start-gateway-mock.ts';

const calm = testConfig({
  GATEWAY_MOCK_SEED: 'test',
  GATEWAY_MOCK_TIMEOUT_RATE: '0',
  GATEWAY_MOCK_ERROR_RATE: '0',
  GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
});
let mock: Awaited<ReturnType<typeof startGatewayMock>>;

beforeAll(async () => {
  mock = await startGatewayMock(calm, createLogger(calm, 'gateway-mock'));
});
beforeEach(async () => {
  await request('DELETE', '/book');
  await request('DELETE', '/behaviour');
});
afterAll(() => mock.stop());

async function request(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  signal: AbortSignal = AbortSignal.timeout(20_000),
) {
  const response = await fetch(`http://127.0.0.1:${mock.port}/mock-gateway${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text.startsWith('{') ? JSON.parse(text) : undefined,
  };
}
const payment = {
  payment_id: 1,
  user_id: 1,
  amount: 199.99,
  commission: 4,
  type: 'deposit',
  currency: 'USD',
};
const pay = (reference: string, changes: object = {}, signal?: AbortSignal) =>
  request('POST', '/pay', { ...payment, ...changes }, { 'idempotency-key': reference }, signal);
/** A call that gets no answer is cut off soon, by the mock itself. */
const script = (...modes: CallMode[]) =>
  request('PUT', '/behaviour', { payments: { 1: modes }, timeout_hold_ms: 50 });
const becomesPending = (reference: string) =>
  waitUntil(
    'a payment in progress',
    async () => (await request('GET', `/pay/${reference}`)).json.status === 'pending',
  );
const book = async () => (await request('GET', '/book')).json;

test('a payment is carried out once for a key, however often it is sent', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => pay('r1')));
  expect(new Set(answers.map(({ json }) => json.gateway_reference)).size).toBe(1);
  expect((await book()).entries).toMatchObject([
    { reference: 'r1', amount: '199.99', amount_minor: '19999', type: 'deposit' },
  ]);
});

test('a key that comes with another payment is refused', async () => {
  await pay('r1');
  expect(await pay('r1', { amount: 200 })).toMatchObject({
    status: 422,
    json: { code: 'idempotency_key_reused' },
  });
  expect((await book()).counters.key_conflicts).toBe(1);
});

test.each(['execute_then_timeout', 'execute_then_error', 'execute_then_reset'] as const)(
  'a call that is made to %s is in the book, and an inquiry finds it',
  async (mode) => {
    await script(mode);
    const answer = await pay('r1').catch(() => undefined);
    expect(answer?.status ?? 'none').toBe(mode === 'execute_then_error' ? 502 : 'none');
    expect((await book()).entries).toHaveLength(1);
    expect((await request('GET', '/pay/r1')).json).toMatchObject({
      status: 'succeeded',
      gateway_reference: expect.stringMatching(/^gw-[0-9a-f]{20}$/),
      amount: '199.99',
    });
  },
);

test.each(['timeout', 'error', 'reset', 'rate_limit', 'garbage'] as const)(
  'a call that is made to %s is not in the book',
  async (mode) => {
    await script(mode);
    await pay('r1').catch(() => undefined);
    expect((await book()).entries).toEqual([]);
    expect(await request('GET', '/pay/r1')).toMatchObject({
      status: 404,
      json: { code: 'payment_not_found' },
    });
  },
);

test('a script applies to the next calls of its payment, and is used up by them', async () => {
  await pay('r1');
  await pay('other', { payment_id: 2 });
  await script('error', 'rate_limit');
  expect((await pay('other', { payment_id: 2 })).status).toBe(200);
  expect((await pay('r1')).status).toBe(502);
  expect((await request('GET', '/behaviour')).json.payments).toEqual({ 1: ['rate_limit'] });
  expect((await pay('r1')).status).toBe(429);
  expect((await pay('r1')).status).toBe(200);
  expect((await request('GET', '/behaviour')).json.payments).toEqual({});
});

test('a payment that was carried out is not refused later, and a refused one is not carried out later', async () => {
  await script('ok', 'refuse');
  expect((await pay('r1')).status).toBe(200);
  expect((await pay('r1')).status).toBe(200);
  await request('PUT', '/behaviour', { payments: { 2: ['refuse', 'execute_then_error'] } });
  expect((await pay('r2', { payment_id: 2 })).status).toBe(402);
  expect((await pay('r2', { payment_id: 2 })).status).toBe(502);
  expect((await book()).entries).toMatchObject([{ reference: 'r1' }]);
});

test('a fault on a later call does not take back what an earlier one did', async () => {
  await script('execute_then_error', 'error', 'execute_then_error', 'ok');
  const statuses = [];
  for (let call = 0; call < 4; call++) statuses.push((await pay('r1')).status);
  expect(statuses).toEqual([502, 502, 502, 200]);
  expect(await book()).toMatchObject({
    entries: [{ reference: 'r1' }],
    counters: { calls: 4, repeated_calls: 3, duplicates_refused: 2 },
  });
});

test('a payment in progress is pending', async () => {
  await request('PUT', '/behaviour', { latency_median_ms: 2000, latency_p99_ms: 2000 });
  const answer = pay('r1');
  await becomesPending('r1');
  expect((await request('GET', '/pay/r1')).json).toEqual({ reference: 'r1', status: 'pending' });
  expect((await answer).status).toBe(200);
  expect((await request('GET', '/pay/r1')).json).toMatchObject({ status: 'succeeded' });
});

test('a client that hangs up early does not stop the payment', async () => {
  await request('PUT', '/behaviour', { latency_median_ms: 2000, latency_p99_ms: 2000 });
  const hangingUp = new AbortController();
  const answer = expect(pay('r1', {}, hangingUp.signal)).rejects.toThrow();
  await becomesPending('r1');
  hangingUp.abort();
  await answer;
  await waitUntil(
    'a payment that is carried out',
    async () => (await request('GET', '/pay/r1')).json.status === 'succeeded',
  );
});

test('a timeout ends by cutting the connection of a client that waits too long', async () => {
  await script('timeout');
  // Not by the client's own limit, which has another message.
  await expect(pay('r1')).rejects.toThrow('fetch failed');
});

test('a gateway that is down carries out nothing and answers no inquiry', async () => {
  await request('PUT', '/behaviour', { is_down: true });
  expect((await pay('r1')).status).toBe(503);
  expect((await request('GET', '/pay/r1')).status).toBe(502);
  await request('DELETE', '/behaviour');
  expect((await pay('r1')).status).toBe(200);
});

test('the journal has every send, inquiry and statement about money in order, with the outcome', async () => {
  await script('error', 'ok');
  await pay('r1');
  await request('GET', '/pay/r1');
  await pay('r1');
  const { json } = await request('GET', '/journal');
  expect(json.entries).toMatchObject([
    { kind: 'pay', reference: 'r1', mode: 'error' },
    { kind: 'inquiry', reference: 'r1', answer: 'not_found' },
    { kind: 'pay', reference: 'r1', mode: 'ok' },
    { kind: 'answer', reference: 'r1', said: 'succeeded' },
  ]);
  expect((await request('GET', '/journal?after=3&limit=1')).json).toMatchObject({
    entries: [{ kind: 'answer' }],
    next_after: null,
    dropped_count: 0,
  });
});

test('a payment that was refused stays refused', async () => {
  await script('refuse', 'ok');
  expect((await pay('r1')).status).toBe(402);
  expect((await pay('r1')).status).toBe(402);
  expect((await request('GET', '/pay/r1')).json).toMatchObject({ status: 'declined' });
  expect((await book()).entries).toEqual([]);
});

test("inquiries and the exported book may lag behind the execution; the gateway's own book does not", async () => {
  await request('PUT', '/behaviour', { inquiry_lag_ms: 60_000 });
  await pay('r1');
  const exported = async () => {
    const response = await fetch(`http://127.0.0.1:${mock.port}/mock-gateway/book/export`);
    return (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  expect((await request('GET', '/pay/r1')).status).toBe(404);
  expect(await exported()).toEqual([{ end: true, last_line: 0 }]);
  expect((await book()).entries).toHaveLength(1);
  await request('PUT', '/behaviour', { inquiry_lag_ms: 0 });
  expect((await request('GET', '/pay/r1')).status).toBe(200);
  expect(await exported()).toMatchObject([
    { line: 1, reference: 'r1' },
    { end: true, last_line: 1 },
  ]);
});

test('by default it lags by a second', async () => {
  const config = testConfig({ GATEWAY_MOCK_INQUIRY_LAG_SECONDS: '' });
  expect(behaviourFromConfig(config).inquiry_lag_ms).toBe(1000);
});

test("every answer repeats the payment's facts as they were sent", async () => {
  const report = { status: 'succeeded', reference: 'r1', type: 'deposit', amount: '199.99', currency: 'USD' };
  expect((await pay('r1')).json).toMatchObject(report);
  expect((await request('GET', '/pay/r1')).json).toMatchObject(report);
});

test('a misreported payment has the same thing wrong in every answer, and is right in the book', async () => {
  await request('PUT', '/behaviour', { misreport_rate: 1 });
  const truth = { reference: 'r', type: 'deposit', amount: '199.99', currency: 'USD' };
  const wrong = new Set<string>();
  for (let number = 0; number < 40; number += 1) {
    const reference = `r${number}`;
    const sent = (await pay(reference, { payment_id: number + 1 })).json;
    const asked = (await request('GET', `/pay/${reference}`)).json;
    expect(asked).toEqual(sent);
    const differences = Object.entries({ ...truth, reference }).filter(
      ([field, value]) => sent[field] !== value,
    );
    wrong.add(differences.map(([field]) => `${field}: ${sent[field]}`.replace(reference, 'r')).join());
  }
  expect([...wrong].toSorted()).toEqual([
    'amount: 200',
    'amount: 200,currency: undefined',
    'currency: EUR',
    'reference: r-other',
    'type: withdraw',
  ]);
  const { entries } = await book();
  expect(new Set(entries.map(({ amount_minor }: { amount_minor: string }) => amount_minor))).toEqual(
    new Set(['19999']),
  );
  const words = (await request('GET', '/journal?limit=5')).json.entries;
  expect(words).toMatchObject([
    { kind: 'pay', reference: 'r0' },
    { kind: 'answer', reference: 'r0', said: 'misreported' },
    { kind: 'inquiry', reference: 'r0', answer: 'misreported' },
    { kind: 'pay' },
    { kind: 'answer' },
  ]);
  await request('PUT', '/behaviour', { misreport_rate: 0 });
  expect((await request('GET', '/pay/r0')).json).toMatchObject({ ...truth, reference: 'r0' });
});

test('a vague answer says nothing definite, whether the payment was carried out or not', async () => {
  await script('vague', 'execute_then_vague');
  const bodies = [await pay('r1'), await pay('r1')];
  for (const { status, json } of bodies) {
    expect(status).toBe(200);
    expect(Object.keys(json ?? {})).not.toContain('gateway_reference');
  }
  expect((await book()).entries).toHaveLength(1);
  await request('PUT', '/behaviour', { vague_rate: 1 });
  expect(await request('GET', '/pay/r1')).toMatchObject({ status: 200 });
  expect((await request('GET', '/journal')).json.entries.at(-1)).toMatchObject({ answer: 'vague' });
});

test.each([
  ['unauthorized', 401, /json/, null],
  ['forbidden', 403, /html/, null],
  ['no_route', 404, /html/, null],
  ['rate_limit', 429, /json/, '1'],
  ['rate_limit_silently', 429, /json/, null],
] as const)(
  'a gateway that turns everybody away as %s carries out nothing and answers no inquiry',
  async (mode, status, type, retryAfter) => {
    await request('PUT', '/behaviour', { turned_away: mode });
    for (const answer of [await pay('r1'), await request('GET', '/pay/r1')]) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toMatch(type);
      expect(answer.headers.get('retry-after')).toBe(retryAfter);
      // A 404 of a proxy must not look like the gateway's own word about a payment.
      expect(answer.json?.code).not.toBe('payment_not_found');
    }
    await request('PUT', '/behaviour', { turned_away: null });
    await script(mode);
    expect((await pay('r1')).status).toBe(status);
    expect((await book()).entries).toEqual([]);
    expect((await pay('r1')).status).toBe(200);
  },
);

test('a rate limit says when to come back', async () => {
  await script('rate_limit');
  const answer = await pay('r1');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
});

test('the totals of the book are exact', async () => {
  await pay('r1', { payment_id: 1, amount: '0.10' });
  await pay('r2', { payment_id: 2, amount: '0.20' });
  await pay('r3', { payment_id: 3, amount: 50, type: 'withdraw' });
  expect((await book()).totals).toEqual([
    {
      currency: 'USD',
      count: 3,
      deposits: '0.3',
      deposits_minor: '30',
      withdrawals: '50',
      withdrawals_minor: '5000',
      net: '-49.7',
      net_minor: '-4970',
    },
  ]);
  expect((await request('GET', '/book?after=1&limit=1')).json).toMatchObject({
    entries: [{ reference: 'r2' }],
    next_after: 2,
  });
});

test('the book is exported line by line from any line on, and its last line says that it is complete', async () => {
  await pay('r1', { payment_id: 1, amount: '0.10' });
  await pay('r2', { payment_id: 2, amount: '0.20' });
  const read = async (query: string) => {
    const response = await fetch(`http://127.0.0.1:${mock.port}/mock-gateway/book/export${query}`);
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    return (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  expect(await read('')).toMatchObject([
    { line: 1, reference: 'r1', amount_minor: '10', status: 'succeeded' },
    { line: 2, reference: 'r2' },
    { end: true, last_line: 2 },
  ]);
  expect(await read('?after=1')).toMatchObject([{ line: 2 }, { end: true, last_line: 2 }]);
  expect(await read('?after=2')).toEqual([{ end: true, last_line: 2 }]);
  expect((await request('GET', '/book/export?after=-1')).status).toBe(422);
});

test.each([
  [{ executed_fault_rate: 2 }, 'executed_fault_rate'],
  [{ timeout_rate: 0.6, error_rate: 0.6 }, 'timeout_rate'],
  [{ payments: { 1: ['explode'] } }, 'payments.1.0'],
  [{ eror_rate: 0.1 }, 'eror_rate'],
  [{ payments: { 'not-an-id': ['ok'] } }, 'payments.not-an-id'],
  [{ payments: null }, 'payments'],
  [{ latency_median_ms: 'slow' }, 'latency_median_ms'],
  [['ok'], 'body'],
])('a behaviour of %j is refused and nothing changes', async (change, field) => {
  const before = (await request('GET', '/behaviour')).json;
  expect(await request('PUT', '/behaviour', change)).toMatchObject({
    status: 422,
    json: { errors: [{ field }] },
  });
  expect((await request('GET', '/behaviour')).json).toEqual(before);
});

test.each([
  { amount: -1 },
  { amount: 'x' },
  { type: 'gift' },
  { payment_id: null },
  { currency: 'XQQ' },
  { currency: 'XAU' },
])('a payment with %j is refused', async (change) => {
  expect((await pay('r1', change)).status).toBe(422);
  expect((await book()).entries).toEqual([]);
});

test('a change affects only the fields that it names, and a reset restores the behaviour of the start', async () => {
  const before = (await request('GET', '/behaviour')).json;
  expect((await request('PUT', '/behaviour', {})).json).toEqual(before);
  expect((await request('PUT', '/behaviour', { error_rate: 0.5 })).json).toEqual({
    ...before,
    error_rate: 0.5,
  });
  expect((await request('DELETE', '/behaviour')).json).toEqual(before);
});

test('invalid requests are answered as JSON with the right status', async () => {
  expect(await request('POST', '/pay', payment)).toMatchObject({
    status: 400,
    json: { code: 'idempotency_key_missing' },
  });
  expect((await pay('k'.repeat(256))).status).toBe(400);
  expect((await request('POST', '/pay', undefined, { 'idempotency-key': 'r1' })).status).toBe(422);
  expect(await pay('r1', { note: 'x'.repeat(20_000) })).toMatchObject({
    status: 413,
    json: { code: 'bad_request' },
  });
  expect(await request('GET', '/pay/%E0%A4%A')).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  expect(await request('GET', '/nothing')).toMatchObject({ status: 404, json: { code: 'not_found' } });
  expect((await request('GET', '/book?after=-1')).json).toMatchObject({ errors: [{ field: 'after' }] });
});

async function payMany(seed: string, order: (references: string[]) => string[]) {
  const config = testConfig({
    GATEWAY_MOCK_SEED: seed,
    GATEWAY_MOCK_REFUSAL_RATE: '0.2',
    GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0.002',
    GATEWAY_MOCK_LATENCY_P99_SECONDS: '0.002',
  });
  const own = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
  const origin = `http://127.0.0.1:${own.port}/mock-gateway`;
  await fetch(`${origin}/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ timeout_hold_ms: 200 }),
  });
  const send = async (reference: string) => {
    const response = await fetch(`${origin}/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': reference },
      body: JSON.stringify(payment),
    }).catch(() => undefined);
    const text = (await response?.text()) ?? '';
    return `${response?.status} ${text}`;
  };
  const outcomes: [string, string[]][] = await Promise.all(
    order(Array.from({ length: 40 }, (_, index) => `r${index}`)).map(async (reference) => {
      const calls = [await send(reference), await send(reference)];
      return [reference, calls];
    }),
  );
  const { entries } = (await (await fetch(`${origin}/book`)).json()) as { entries: { reference: string }[] };
  await own.stop();
  return {
    outcomes: Object.fromEntries(outcomes),
    executed: entries.map(({ reference }) => reference).toSorted(),
  };
}

test('a seed gives the same answers and the same book in any order, and another seed gives others', async () => {
  const [forwards, backwards, other] = await Promise.all([
    payMany('s1', (references) => references),
    payMany('s1', (references) => references.toReversed()),
    payMany('s2', (references) => references),
  ]);
  expect(backwards).toEqual(forwards);
  expect(other).not.toEqual(forwards);
  expect(new Set(Object.values(forwards.outcomes).map(([first]) => first?.slice(0, 3)))).toEqual(
    new Set(['200', '402', '502', 'und']),
  );
});

test('it stops while clients wait for answers that never come', async () => {
  const own = await startGatewayMock(calm, createLogger(calm, 'gateway-mock'));
  const origin = `http://127.0.0.1:${own.port}/mock-gateway`;
  await fetch(`${origin}/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ payments: { 1: ['timeout', 'timeout'] }, latency_median_ms: 0 }),
  });
  const send = (reference: string) =>
    fetch(`${origin}/pay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': reference },
      body: JSON.stringify(payment),
    }).then(
      () => 'answered',
      () => 'cut',
    );
  const waiting = [send('r1'), send('r2')];
  await new Promise((resolve) => setTimeout(resolve, 100));
  await fetch(`${origin}/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ latency_median_ms: 30_000, latency_p99_ms: 30_000 }),
  });
  waiting.push(send('r3'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Held answers would end by themselves after thirty seconds, which is beyond this test's patience.
  await own.stop();
  expect(await Promise.all(waiting)).toEqual(['cut', 'cut', 'cut']);
}, 25_000);

test('rates that add up to more than 1 are refused at the start', async () => {
  const config = testConfig({ GATEWAY_MOCK_TIMEOUT_RATE: '0.9', GATEWAY_MOCK_ERROR_RATE: '0.5' });
  await expect(startGatewayMock(config, createLogger(config, 'gateway-mock'))).rejects.toThrow(
    /GATEWAY_MOCK_TIMEOUT_RATE.*must not add up/,
  );
});

test('without a seed it draws one and shows it', async () => {
  const config = testConfig();
  const own = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
  const health = await (await fetch(`http://127.0.0.1:${own.port}/mock-gateway/health`)).json();
  await own.stop();
  expect(health).toEqual({ status: 'ok', seed: expect.stringMatching(/^[0-9a-f]{8}$/) });
});

test('callbacks are off without a URL, and need a secret', async () => {
  expect((await request('GET', '/callbacks')).json).toEqual({ is_on: false });
  const config = testConfig({ GATEWAY_MOCK_CALLBACK_URL: 'http://127.0.0.1:1/callbacks' });
  await expect(startGatewayMock(config, createLogger(config, 'gateway-mock'))).rejects.toThrow(
    'GATEWAY_CALLBACK_SECRET',
  );
});
