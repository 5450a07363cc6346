import { type RawAnswer, rawRequest } from '../../test/support/raw-request.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createLogger } from '../telemetry/logging.ts';
import { startGatewayMock } from './start-gateway-mock.ts';

const config = testConfig({ GATEWAY_MOCK_SEED: 'test', API_ALLOWED_HOSTS: 'mock.internal' });
let mock: Awaited<ReturnType<typeof startGatewayMock>>;

beforeAll(async () => {
  mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
});
afterAll(() => mock.stop());

const ask = (
  method: string,
  path: string,
  { headers = ['Host', 'localhost'], body = '' } = {},
): Promise<RawAnswer> =>
  rawRequest(`http://127.0.0.1:${mock.port}`, {
    method,
    path: `/mock-gateway${path}`,
    headers: [...headers, 'Content-Type', 'application/json', 'Content-Length', String(body.length)],
    body,
  });

/** What steers the stand-in or shows what it knows, and no gateway has. */
const CONTROLS = [
  ['GET', '/book'],
  ['DELETE', '/book'],
  ['GET', '/journal'],
  ['GET', '/callbacks'],
  ['GET', '/behaviour'],
  ['PUT', '/behaviour'],
  ['DELETE', '/behaviour'],
] as const;

test.each(CONTROLS)(
  '%s %s answers only under a name of this machine or an allowed host',
  async (method, path) => {
    const body = method === 'PUT' ? '{}' : '';
    for (const headers of [
      ['Host', 'evil.example'],
      ['Host', 'gateway-mock:8001'],
    ])
      expect(await ask(method, path, { headers, body })).toMatchObject({
        status: 421,
        json: { code: 'host_not_allowed' },
      });
    for (const headers of [[], ['Host', 'localhost', 'Host', 'evil.example']])
      expect((await ask(method, path, { headers, body })).status).toBe(400);
    for (const host of ['localhost', 'mock.internal:8001', '127.0.0.1'])
      expect((await ask(method, path, { headers: ['Host', host], body })).status).toBeLessThan(300);
  },
);

test.each([
  ['PUT', '/behaviour', '{"error_rate":1}'],
  ['DELETE', '/behaviour', ''],
  ['DELETE', '/book', ''],
  ['POST', '/pay', '{}'],
])('%s %s refuses pages of other sites', async (method, path, body) => {
  const before = (await ask('GET', '/behaviour')).text;
  for (const sign of [
    ['Sec-Fetch-Site', 'cross-site'],
    ['Sec-Fetch-Site', 'same-site'],
    ['Origin', 'http://evil.example'],
    ['Origin', 'null'],
  ])
    expect(await ask(method, path, { headers: ['Host', 'localhost', ...sign], body })).toMatchObject({
      status: 403,
      json: { code: 'cross_site' },
    });
  expect((await ask('GET', '/behaviour')).text).toBe(before);
});

test('payments, inquiries, the export of the book and health answer under any host name', async () => {
  const headers = ['Host', 'gateway-mock:8001'];
  expect((await ask('POST', '/pay', { headers, body: '{}' })).json.code).toBe('idempotency_key_missing');
  expect((await ask('GET', '/pay/none', { headers })).json.code).toBe('payment_not_found');
  expect((await ask('GET', '/book/export', { headers })).status).toBe(200);
  expect((await ask('GET', '/health', { headers: [] })).status).toBe(200);
  const cross = ['Host', 'evil.example', 'Sec-Fetch-Site', 'cross-site'];
  expect((await ask('GET', '/health', { headers: cross })).status).toBe(200);
});

test.each([
  ['/pay', 'POST'],
  ['/pay/r1', 'GET, HEAD'],
  ['/health', 'GET, HEAD'],
  ['/book', 'GET, HEAD, DELETE'],
  ['/book/export', 'GET, HEAD'],
  ['/journal', 'GET, HEAD'],
  ['/callbacks', 'GET, HEAD'],
  ['/behaviour', 'GET, HEAD, PUT, DELETE'],
])('%s answers other methods with the list %s', async (path, allow) => {
  for (const method of ['PATCH', 'OPTIONS', allow.includes('POST') ? 'GET' : 'POST']) {
    const refused = await ask(method, path);
    expect([method, refused.status, refused.headers.allow]).toEqual([method, 405, allow]);
    expect(refused.json.code).toBe('method_not_allowed');
  }
});

test('no browser may frame its answers or guess their type', async () => {
  for (const path of ['/health', '/book', '/nothing'])
    expect((await ask('GET', path)).headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
});
