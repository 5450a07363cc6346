import { testConfig } from '../../test/support/test-config.ts';
import { createLogger } from '../shared/logging.ts';
import {
  behaviourFromConfig,
  type CALL_MODES,
  type CallMode,
  decideCall,
  drawLatencyMs,
} from './behaviour.ts';
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
  timeoutMs = 5000,
) {
  const response = await fetch(`http://127.0.0.1:${mock.port}/mock-gateway${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
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
const pay = (reference: string, changes: object = {}, timeoutMs?: number) =>
  request('POST', '/pay', { ...payment, ...changes }, { 'idempotency-key': reference }, timeoutMs);
const script = (...modes: CallMode[]) => request('PUT', '/behaviour', { payments: { 1: modes } });
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
    const answer = await pay('r1', {}, 300).catch(() => undefined);
    expect(answer?.status ?? 'none').toBe(mode === 'execute_then_error' ? 502 : 'none');
    expect((await book()).entries).toHaveLength(1);
    expect((await request('GET', '/pay/r1')).json).toMatchObject({
      status: 'succeeded',
      gateway_reference: 'gw-1',
    });
  },
);

test.each(['timeout', 'error', 'reset', 'rate_limit', 'garbage'] as const)(
  'a call that is made to %s is not in the book',
  async (mode) => {
    await script(mode);
    await pay('r1', {}, 300).catch(() => undefined);
    expect((await book()).entries).toEqual([]);
    expect(await request('GET', '/pay/r1')).toMatchObject({
      status: 404,
      json: { code: 'payment_not_found' },
    });
  },
);

test('a payment that was refused stays refused', async () => {
  await script('refuse', 'ok');
  expect((await pay('r1')).status).toBe(402);
  expect((await pay('r1')).status).toBe(402);
  expect((await request('GET', '/pay/r1')).json).toMatchObject({ status: 'declined' });
  expect((await book()).entries).toEqual([]);
});

test('an inquiry may lag behind the execution', async () => {
  await request('PUT', '/behaviour', { inquiry_lag_ms: 60_000 });
  await pay('r1');
  expect((await request('GET', '/pay/r1')).status).toBe(404);
  await request('PUT', '/behaviour', { inquiry_lag_ms: 0 });
  expect((await request('GET', '/pay/r1')).status).toBe(200);
});

test('a rate limit tells when to come back', async () => {
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

test.each([
  [{ executed_fault_rate: 2 }, 'executed_fault_rate'],
  [{ timeout_rate: 0.6, error_rate: 0.6 }, 'timeout_rate'],
  [{ payments: { 1: ['explode'] } }, 'payments.1.0'],
  [{ eror_rate: 0.1 }, ''],
])('a behaviour of %j is refused and nothing changes', async (change, field) => {
  const before = (await request('GET', '/behaviour')).json;
  expect(await request('PUT', '/behaviour', change)).toMatchObject({
    status: 422,
    json: { errors: [{ field }] },
  });
  expect((await request('GET', '/behaviour')).json).toEqual(before);
});

test.each([{ amount: -1 }, { amount: 'x' }, { type: 'gift' }, { payment_id: null }, { currency: 'XQQ' }])(
  'a payment with %j is refused',
  async (change) => {
    expect((await pay('r1', change)).status).toBe(422);
    expect((await book()).entries).toEqual([]);
  },
);

test('the same seed gives the same outcomes whatever the order, in the shares that were asked for', () => {
  const behaviour = behaviourFromConfig(testConfig());
  const draw = (reference: number) =>
    decideCall(behaviour, {
      seed: 's',
      reference: `r${reference}`,
      callNumber: 0,
      paymentId: String(reference),
    });
  const references = Array.from({ length: 5000 }, (_, index) => index);
  const forwards = references.map(draw);
  expect(references.toReversed().map(draw).toReversed()).toEqual(forwards);
  const share = (...modes: (typeof CALL_MODES)[number][]) =>
    forwards.filter((mode) => modes.includes(mode)).length / forwards.length;
  expect(share('timeout', 'execute_then_timeout')).toBeCloseTo(0.1, 1);
  expect(share('error', 'execute_then_error')).toBeCloseTo(0.25, 1);
  expect(share('execute_then_error', 'execute_then_timeout')).toBeCloseTo(0.175, 1);
});

test('half of the latencies are below the median and one in a hundred above the 99th percentile', () => {
  const behaviour = { ...behaviourFromConfig(testConfig()), latency_median_ms: 20, latency_p99_ms: 200 };
  const latencies = Array.from({ length: 5000 }, (_, index) => drawLatencyMs(behaviour, String(index))).sort(
    (a, b) => a - b,
  );
  expect((latencies[2500] as number) / 20).toBeCloseTo(1, 0);
  expect(latencies.filter((latency) => latency > 200).length / 5000).toBeCloseTo(0.01, 1);
});
