import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { NOTHING_NAMED } from '../answers/named-facts.ts';
import type { PaymentInstruction } from '../port/payment-gateway.ts';
import { type AxiosGatewayOptions, createAxiosGateway, type GatewayCall } from './axios-gateway.ts';

const ORIGIN = 'http://gateway.test';
const instruction: PaymentInstruction = {
  reference: '42-abc',
  paymentId: 42n,
  userId: 7n,
  direction: 'withdraw',
  amountMinor: 19_999n,
  feeMinor: 400n,
  currency: 'USD',
};

const calls: GatewayCall[] = [];
const createGateway = (timeoutMs: number) =>
  createAxiosGateway({
    baseUrl: `${ORIGIN}/base`,
    timeoutMs,
    maxConnections: 5,
    // nock answers for Node's own HTTP client; what the undici adapter adds is tested over real connections below.
    adapter: 'http',
    onCall: (call) => calls.push(call),
  });
const gateway = createGateway(20_000);
const hurried = createGateway(1500);

beforeAll(() => nock.disableNetConnect());
beforeEach(() => calls.splice(0));
afterEach(() => {
  const unused = nock.pendingMocks();
  nock.cleanAll();
  expect(unused).toEqual([]);
});
afterAll(() => {
  gateway.close();
  hurried.close();
  nock.abortPendingRequests();
  nock.restore();
});

describe('a send', () => {
  test('carries the reference as idempotency key and amounts as decimals', async () => {
    nock(ORIGIN, { reqheaders: { 'idempotency-key': '42-abc', 'content-type': 'application/json' } })
      .post('/base/pay', {
        payment_id: 42,
        user_id: 7,
        amount: 199.99,
        commission: 4,
        type: 'withdraw',
        currency: 'USD',
      })
      .reply(200, { status: 'succeeded', gateway_reference: 'gw-1' });
    expect(await gateway.pay(instruction)).toEqual({
      kind: 'succeeded',
      gatewayReference: 'gw-1',
      named: NOTHING_NAMED,
      httpStatus: 200,
    });
    expect(calls).toMatchObject([{ operation: 'pay', outcome: 'succeeded', errorClass: null }]);
  });

  test('of a refund names the deposit, and may be answered with everything that was sent', async () => {
    const body = { amount: 199.99, commission: 4, type: 'withdraw', currency: 'USD', refund_of: '41-abc' };
    nock(ORIGIN)
      .post('/base/pay', { payment_id: 42, user_id: 7, ...body })
      .reply(200, { ...body, status: 'succeeded', reference: '42-abc' });
    expect(await gateway.pay({ ...instruction, refundOfReference: '41-abc' })).toMatchObject({
      kind: 'succeeded',
      named: { amount: '199.99', currency: 'USD', type: 'withdraw', reference: '42-abc' },
    });
  });

  test('that gets no answer in time may have executed', async () => {
    nock(ORIGIN).post('/base/pay').delay(60_000).reply(200, { status: 'succeeded' });
    expect(await hurried.pay(instruction)).toMatchObject({ kind: 'unknown', errorClass: 'timeout' });
  });

  test('whose connection is reset may have executed', async () => {
    nock(ORIGIN)
      .post('/base/pay')
      .replyWithError(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    expect(await gateway.pay(instruction)).toMatchObject({ kind: 'unknown', errorClass: 'reset' });
  });

  test('whose connection is refused was not executed', async () => {
    nock(ORIGIN)
      .post('/base/pay')
      .replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    expect(await gateway.pay(instruction)).toMatchObject({
      kind: 'not_executed',
      errorClass: 'connection_refused',
    });
  });

  test('that is answered 429 was not executed, and may be repeated when the gateway says', async () => {
    nock(ORIGIN).post('/base/pay').reply(429, { message: 'slow down' }, { 'retry-after': '3' });
    expect(await gateway.pay(instruction)).toMatchObject({ kind: 'not_executed', retryAfterMs: 3000 });
  });

  test('is not repeated on a 502, and a redirect is not followed', async () => {
    nock(ORIGIN).post('/base/pay').once().reply(502, 'bad gateway');
    expect(await gateway.pay(instruction)).toMatchObject({ kind: 'unknown', errorClass: 'http_5xx' });
    nock(ORIGIN).post('/base/pay').reply(302, '', { location: 'http://elsewhere.test/' });
    expect(await gateway.pay(instruction)).toMatchObject({ kind: 'unknown', errorClass: 'http_3xx' });
  });

  test('whose answer cannot be read, or is far too long, may have executed', async () => {
    nock(ORIGIN).post('/base/pay').reply(200, '<html>ok</html>');
    expect(await gateway.pay(instruction)).toMatchObject({ kind: 'unknown', errorClass: 'unreadable' });
    nock(ORIGIN)
      .post('/base/pay')
      .reply(200, `{"status":"succeeded","x":"${'x'.repeat(100_000)}"}`);
    expect(await gateway.pay(instruction)).toMatchObject({ kind: 'unknown' });
  });

  test('ends when its caller gives up', async () => {
    nock(ORIGIN).post('/base/pay').delay(60_000).reply(200, {});
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    expect(await gateway.pay(instruction, abort.signal)).toMatchObject({
      kind: 'unknown',
      errorClass: 'aborted',
    });
  });
});

describe('an inquiry', () => {
  test('asks by our reference', async () => {
    nock(ORIGIN).get('/base/pay/42-abc').reply(200, { status: 'succeeded', gateway_reference: 'gw-1' });
    expect(await gateway.inquire('42-abc')).toEqual({
      kind: 'succeeded',
      gatewayReference: 'gw-1',
      named: NOTHING_NAMED,
    });
  });

  test('is repeated at once when the gateway fails briefly', async () => {
    nock(ORIGIN).get('/base/pay/42-abc').twice().reply(502);
    nock(ORIGIN).get('/base/pay/42-abc').reply(404, { code: 'payment_not_found' });
    expect(await gateway.inquire('42-abc')).toEqual({ kind: 'not_found' });
  });

  test('is not decided by the 404 of something in between', async () => {
    nock(ORIGIN).get('/base/pay/42-abc').reply(404, '<html>no such page</html>');
    expect(await gateway.inquire('42-abc')).toMatchObject({ kind: 'unknown' });
  });

  test('gives up after three unanswered questions and counts them as one call', async () => {
    nock(ORIGIN).get('/base/pay/42-abc').times(3).reply(502);
    expect(await gateway.inquire('42-abc')).toMatchObject({ kind: 'unknown', errorClass: 'http_5xx' });
    expect(calls).toMatchObject([{ operation: 'inquire', outcome: 'unknown', errorClass: 'http_5xx' }]);
  });

  test('is not repeated at once when the gateway is at work on the payment or has too many calls', async () => {
    nock(ORIGIN).get('/base/pay/42-abc').reply(200, { status: 'pending' });
    expect(await gateway.inquire('42-abc')).toMatchObject({ kind: 'unknown', errorClass: 'pending' });
    nock(ORIGIN).get('/base/pay/42-abc').reply(429);
    expect(await gateway.inquire('42-abc')).toMatchObject({ kind: 'unknown', errorClass: 'rate_limited' });
  });

  test('ends within one deadline, retries included', async () => {
    nock(ORIGIN).get('/base/pay/42-abc').reply(502);
    nock(ORIGIN).get('/base/pay/42-abc').delay(60_000).reply(404, { code: 'payment_not_found' });
    expect(await hurried.inquire('42-abc')).toMatchObject({ kind: 'unknown' });
  });

  test('whose caller has given up already asks nothing', async () => {
    const outcome = await gateway.inquire('42-abc', AbortSignal.abort());
    expect(outcome).toMatchObject({ kind: 'unknown', errorClass: 'aborted' });
  });

  test('escapes a reference with odd characters, so that it stays one part of the path', async () => {
    nock(ORIGIN).get('/base/pay/a%2Fb%3Fc').reply(404, { code: 'payment_not_found' });
    expect(await gateway.inquire('a/b?c')).toEqual({ kind: 'not_found' });
  });
});

describe.each([
  ['undici', {}],
  ["axios's own adapter", { adapter: 'http' }],
] as const)('over a real connection, with %s,', (_name, carrier) => {
  let server: Server;
  let baseUrl: string;
  let answer: RequestListener;

  beforeAll(async () => {
    nock.restore();
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function pay(options: Partial<AxiosGatewayOptions> = {}) {
    const client = createAxiosGateway({
      baseUrl,
      timeoutMs: 20_000,
      maxConnections: 1,
      ...carrier,
      ...options,
    });
    try {
      return await client.pay(instruction);
    } finally {
      client.close();
    }
  }

  test('a body that trickles in slowly ends at the deadline too', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    };
    expect(await pay({ timeoutMs: 1000 })).toMatchObject({ kind: 'unknown', errorClass: 'timeout' });
  });

  test('an answer that breaks off in the middle leaves the outcome open', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"status":"succeeded"', () => response.destroy());
    };
    expect(await pay()).toMatchObject({ kind: 'unknown' });
  });

  test('a connection that is cut before the answer leaves the outcome open', async () => {
    answer = (request) => request.socket.resetAndDestroy();
    expect(await pay()).toMatchObject({ kind: 'unknown', errorClass: 'reset' });
  });

  test('a port where nobody listens means that nothing was sent, whether called by address or by name', async () => {
    expect(await pay({ baseUrl: 'http://127.0.0.1:1' })).toMatchObject({
      kind: 'not_executed',
      errorClass: 'connection_refused',
    });
    expect(await pay({ baseUrl: 'http://localhost:1' })).toMatchObject({ kind: 'not_executed' });
  });

  test('asks for an uncompressed answer, because it would not decompress one', async () => {
    let offered: string | undefined;
    answer = (request, response) => {
      offered = request.headers['accept-encoding'] as string | undefined;
      response.end('{"status":"succeeded"}');
    };
    expect(await pay()).toMatchObject({ kind: 'succeeded' });
    expect(offered).toBe('identity');
  });

  test('successive sends reuse connections', async () => {
    const ports = new Set<number | undefined>();
    answer = (request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{"status":"succeeded"}');
    };
    const client = createAxiosGateway({ baseUrl, timeoutMs: 20_000, maxConnections: 5, ...carrier });
    for (let send = 0; send < 5; send++) await client.pay(instruction);
    client.close();
    // undici may open a second one while the end of an answer is still being read.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

test('another adapter can carry the requests', async () => {
  const client = createAxiosGateway({
    baseUrl: ORIGIN,
    timeoutMs: 20_000,
    maxConnections: 1,
    adapter: async (config) => ({
      config,
      data: '{"status":"succeeded","gateway_reference":"gw-9"}',
      headers: {},
      status: 200,
      statusText: '',
    }),
  });
  expect(await client.pay(instruction)).toMatchObject({ kind: 'succeeded', gatewayReference: 'gw-9' });
  client.close();
});
