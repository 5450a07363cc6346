import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { type BreakerChange, createCircuitBreaker } from '../gateway/health/circuit-breaker.ts';
import { createAxiosGateway } from '../gateway/http/axios-gateway.ts';

let database: TestDatabase;
let world: PaymentWorld;
let server: Server;
let baseUrl: string;
let answer: RequestListener;
let callCount = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  server = createServer((request, response) => {
    callCount += 1;
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  callCount = 0;
});
afterEach(async () => {
  expect(await world.count('payment_tasks')).toBe(0);
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await database.close();
});

const json = (status: number, body: unknown, headers = {}): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
};
const page = (status: number): RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html>declined</html>');
  };
};
/** A gateway that works. */
const working: RequestListener = (request, response) => {
  if (request.method === 'GET') json(404, { code: 'payment_not_found' })(request, response);
  else json(200, { status: 'succeeded', gateway_reference: 'gw-1' })(request, response);
};

/** Lets payments meet the door for many calls, and then opens it. */
async function meet(door: RequestListener, { paymentCount = 5 } = {}) {
  const userId = await world.user(1_000_000n);
  const paymentIds: bigint[] = [];
  for (let index = 0; index < paymentCount; index += 1)
    paymentIds.push(await world.accept(userId, { amountMinor: 100n }));
  const changes: BreakerChange[] = [];
  const breaker = createCircuitBreaker({
    policy: { failureShare: 0.9, minCalls: 4, windowCalls: 10, probeMs: 5, probeMaxMs: 20 },
    onChange: (change) => changes.push(change),
  });
  const gateway = createAxiosGateway({ baseUrl, timeoutMs: 20_000, maxConnections: 4, inquiryRetries: 0 });
  const worker = world.worker(gateway, { breaker });
  answer = door;
  worker.start();
  await waitUntil('many calls', async () => callCount >= paymentCount * 6);
  const used = await database.pool.query('select sum(attempts)::int as attempts from payment_tasks');
  const before = { letters: await world.count('payment_dlq'), attempts: used.rows[0].attempts };
  answer = working;
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  gateway.close();
  const statuses = await Promise.all(paymentIds.map(async (id) => (await world.payment(id)).status));
  return { before, statuses, changes };
}

test.each<[string, RequestListener]>([
  ['a wrong key', json(401, { message: 'Unauthorized' })],
  ['a wrong key, in words that sound like a refusal', json(401, { status: 'declined', code: 'declined' })],
  ['a firewall', page(403)],
  ['a wrong path', page(404)],
  ['a wrong method', json(405, { code: 'method_not_allowed' })],
  ['a proxy that wants credentials', page(407)],
  ['a body that is too large for a proxy', page(413)],
  ['a media type that is not taken', json(415, {})],
  ['a legal block', page(451)],
  ['a proxy’s bad request', page(400)],
  ['a refusal without the gateway’s word for it', json(422, { errors: [{ code: 'E1' }] })],
  ['a redirect', (_request, response) => response.writeHead(301, { location: '/login' }).end()],
])('%s fails no payment and uses up no attempt; all are settled once it is fixed', async (_what, door) => {
  const { before, statuses, changes } = await meet(door);
  expect(before).toEqual({ letters: 0, attempts: 0 });
  expect(new Set(statuses)).toEqual(new Set(['success']));
  expect(changes.some(({ to }) => to === 'open')).toBe(true);
});

test.each<[string, RequestListener]>([
  ['without Retry-After', json(429, { code: 'rate_limited' })],
  ['with Retry-After', json(429, { code: 'rate_limited' }, { 'retry-after': '0' })],
  ['from a proxy', page(429)],
])(
  'a single payment that is rate-limited (429 %s) uses up no attempt, however often',
  async (_what, door) => {
    const { before, statuses } = await meet(door, { paymentCount: 1 });
    expect(before).toEqual({ letters: 0, attempts: 0 });
    expect(statuses).toEqual(['success']);
  },
);
