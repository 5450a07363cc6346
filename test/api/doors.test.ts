import { networkInterfaces } from 'node:os';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { rawRequest } from '../support/raw-request.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const TOKEN = 'a-token-of-an-operator';
const operator = { authorization: `Bearer ${TOKEN}` };
const inProduction = { APP_ENV: 'production', OPERATOR_TOKEN: TOKEN };
const otherAddress = Object.values(networkInterfaces())
  .flat()
  .find((face) => face?.family === 'IPv4' && !face.internal)?.address;

let database: TestDatabase;
const started: TestApi[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((api) => api.stop()));
});
afterAll(() => database.close());

async function start(settings: Record<string, string> = {}): Promise<TestApi> {
  const api = await startTestApi(database.databaseUrl, settings);
  started.push(api);
  return api;
}

describe('in production', () => {
  test.each(['127.0.0.1', 'localhost', '0.0.0.0'])(
    'an API on %s does not start without a token for operators',
    async (API_HOST) => {
      await expect(start({ APP_ENV: 'production', API_HOST })).rejects.toThrow(/^OPERATOR_TOKEN must be set/);
    },
  );

  test('a program on the same machine needs the token for operations of operators, and for metrics', async () => {
    const api = await start(inProduction);
    for (const path of ['/api/v1/dlq', '/api/v1/workers', '/api/v1/payments', '/metrics']) {
      expect([path, (await api.get(path)).json?.code]).toEqual([path, 'operator-token-required']);
      expect([path, (await api.request('GET', path, { headers: operator })).status]).toEqual([path, 200]);
    }
  });

  test('only operators open a wallet with money in it', async () => {
    const api = await start(inProduction);
    expect(await api.post('/api/v1/users', { balance: 1000 })).toMatchObject({
      status: 401,
      json: { code: 'operator-token-required' },
    });
    expect(await api.post('/api/v1/users', { balance: '0.01' })).toMatchObject({ status: 401 });
    expect(await api.post('/api/v1/users', { balance: 1000 }, operator)).toMatchObject({
      status: 201,
      json: { balance: 1000 },
    });
    for (const body of [{}, { balance: 0 }])
      expect(await api.post('/api/v1/users', body)).toMatchObject({ status: 201, json: { balance: 0 } });
  });
});

describe('elsewhere', () => {
  test('anybody opens a wallet with money in it, as the README shows', async () => {
    const api = await start();
    expect(await api.post('/api/v1/users/', { balance: 1000 })).toMatchObject({ status: 201 });
  });

  test('metrics need no token', async () => {
    const api = await start({ OPERATOR_TOKEN: TOKEN });
    expect((await api.get('/metrics')).status).toBe(200);
  });

  test('a list of the payments of everybody is for operators, one of a user is not', async () => {
    const api = await start({ OPERATOR_TOKEN: TOKEN });
    for (const query of ['', '?status=processing', '?type=deposit&limit=1'])
      expect(await api.get(`/api/v1/payments${query}`)).toMatchObject({ status: 401 });
    expect(await api.get('/api/v1/payments?user_id=1&status=processing')).toMatchObject({ status: 200 });
    expect(await api.request('GET', '/api/v1/payments', { headers: operator })).toMatchObject({
      status: 200,
    });
  });
});

describe('a listener for operators', () => {
  const PATHS = ['/console', '/console/', '/metrics', '/api/v1/dlq', '/api/v1/payments/search?reference=1-a'];

  test('is the only one that answers them; the public listener does not', async () => {
    const api = await start({ ...inProduction, OPERATOR_PORT: '0' });
    for (const path of PATHS) {
      const answer = await api.request('GET', path, { headers: operator });
      expect([path, answer.status, answer.json?.code]).toEqual([path, 404, 'not-found']);
      const there = await api.request('GET', `${api.operatorOrigin}${path}`, { headers: operator });
      expect([path, there.status]).toEqual([path, 200]);
    }
    for (const path of ['/api/v1/workers/pause', '/api/v1/dlq/1/redrive'])
      expect([path, (await api.post(path, {}, operator)).status]).toEqual([path, 404]);
    expect(Object.keys((await api.get('/openapi.json')).json.paths)).not.toContain('/api/v1/dlq');
  });

  test('serves clients, too, and operators as clients', async () => {
    const api = await start({ ...inProduction, OPERATOR_PORT: '0' });
    expect(await api.post('/api/v1/users', {})).toMatchObject({ status: 201 });
    expect(await api.post('/api/v1/users', { balance: 5 }, operator)).toMatchObject({
      status: 403,
      json: { code: 'operator-port-only' },
    });
    expect(await api.request('GET', '/api/v1/payments', { headers: operator })).toMatchObject({
      json: { code: 'operator-port-only' },
    });
    expect(await api.post(`${api.operatorOrigin}/api/v1/users`, { balance: 5 }, operator)).toMatchObject({
      status: 201,
    });
  });

  test('needs the token in production, except for metrics, which anyone who reaches it may read', async () => {
    const api = await start({ ...inProduction, OPERATOR_PORT: '0' });
    expect(await api.get(`${api.operatorOrigin}/api/v1/dlq`)).toMatchObject({ status: 401 });
    expect(await api.get(`${api.operatorOrigin}/metrics`)).toMatchObject({ status: 200 });
  });

  test('is on this machine only, unless configured otherwise', async () => {
    const api = await start({ OPERATOR_PORT: '0', API_HOST: '0.0.0.0' });
    if (!otherAddress) return expect(api.operatorOrigin).toContain('127.0.0.1');
    const { port } = new URL(api.operatorOrigin);
    await expect(fetch(`http://${otherAddress}:${port}/metrics`)).rejects.toThrow('fetch failed');
    expect((await fetch(`http://${otherAddress}:${new URL(api.origin).port}/docs/`)).status).toBe(200);
  });

  test('ends the trust in this machine for what a proxy passed on', async () => {
    const api = await start({ OPERATOR_PORT: '0' });
    const headers = { 'x-forwarded-for': '203.0.113.1' };
    expect(await api.request('GET', `${api.operatorOrigin}/api/v1/dlq`, { headers })).toMatchObject({
      json: { code: 'operator-loopback-only' },
    });
  });
});

test.each([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-by-a-proxy-that-nobody-knows',
  'forwarded',
  'via',
  'cf-connecting-ip',
  'true-client-ip',
  'x-client-ip',
  'x-real-ip',
  'x-original-forwarded-for',
  'x-original-url',
  'x-cluster-client-ip',
  'fastly-client-ip',
  'x-envoy-external-address',
  'x-amzn-trace-id',
  'cdn-loop',
])('a request from a proxy that sends %s counts as from another machine', async (name) => {
  const api = await start();
  for (const path of ['/api/v1/dlq', '/console/', '/api/v1/payments'])
    for (const value of ['127.0.0.1', ''])
      expect(await api.request('GET', path, { headers: { [name]: value } })).toMatchObject({
        status: 403,
        json: { code: 'operator-loopback-only' },
      });
});

describe('the host that a request names', () => {
  const hostStatus = async (api: TestApi, ...hosts: string[]) =>
    (await rawRequest(api.origin, { headers: hosts.flatMap((host) => ['Host', host]) })).status;

  test.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    '8.8.8.8',
    '2130706433',
    '[::2]',
    'localhost:x',
    '',
  ])('is refused when it is not ours: %s', async (host) => {
    const api = await start();
    expect(await rawRequest(api.origin, { headers: ['Host', host] })).toMatchObject({
      status: 421,
      json: { code: 'host-not-allowed' },
    });
    expect(
      await rawRequest(api.origin, { method: 'POST', path: '/api/v1/users', headers: ['Host', host] }),
    ).toMatchObject({
      status: 421,
    });
  });

  test.each(['localhost', 'LOCALHOST:8000', '127.0.0.1', '127.8.0.1:1', '[::1]:8000'])(
    'may be a name of this machine: %s',
    async (host) => {
      expect(await hostStatus(await start(), host)).toBe(200);
    },
  );

  test('may be an allowed one, at any port, or the address that was called', async () => {
    const api = await start({ API_ALLOWED_HOSTS: 'pay.example, Pay2.example', API_HOST: '0.0.0.0' });
    for (const host of ['pay.example', 'PAY.example:443', 'pay2.example', '127.0.0.1'])
      expect([host, await hostStatus(api, host)]).toEqual([host, 200]);
    expect(await hostStatus(api, 'x.pay.example')).toBe(421);
    if (!otherAddress) return;
    const there = await fetch(`http://${otherAddress}:${new URL(api.origin).port}/api/v1/health/live`);
    expect(there.status).toBe(200);
  });

  test("counts in the request's absolute address, too", async () => {
    const api = await start();
    const headers = ['Host', 'localhost'];
    expect(
      (await rawRequest(api.origin, { headers, path: 'http://evil.example/api/v1/health/live' })).status,
    ).toBe(421);
    expect(
      (await rawRequest(api.origin, { headers, path: 'http://localhost/api/v1/health/live' })).status,
    ).toBe(200);
  });

  test('must be given once', async () => {
    expect(await hostStatus(await start(), 'localhost', 'localhost')).toBe(400);
    expect(await hostStatus(await start(), 'localhost', 'evil.example')).toBe(400);
  });

  test.each(['https://pay.example', 'pay.example/path', 'a b', '*'])(
    'is refused at start if it is not valid: %s',
    async (API_ALLOWED_HOSTS) => {
      await expect(start({ API_ALLOWED_HOSTS })).rejects.toThrow(/API_ALLOWED_HOSTS: /);
    },
  );
});

describe('pages of other sites', () => {
  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ])('change nothing: %j', async (headers) => {
    const api = await start({ API_ALLOWED_HOSTS: 'pay.example' });
    const { paths } = (await api.get('/openapi.json')).json;
    const changing = Object.entries<Record<string, { security?: unknown }>>(paths).filter(
      ([, item]) => item.post,
    );
    expect(changing.length).toBeGreaterThan(10);
    for (const [path, { post }] of changing) {
      const answer = await api.request('POST', path.replaceAll(/\{\w+\}/g, '1'), {
        headers: headers as unknown as Record<string, string>,
      });
      const code = post?.security ? 'operator-cross-site' : 'cross-site';
      expect([path, answer.status, answer.json.code]).toEqual([path, 403, code]);
    }
  });

  test('may do so if they are our own, even under another name that a proxy gives', async () => {
    const api = await start({ API_ALLOWED_HOSTS: 'pay.example,pay.example:8443' });
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: api.origin },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'same-origin', origin: 'https://pay.example' },
      { origin: 'https://pay.example:8443' },
    ])
      expect(await api.post('/api/v1/users', {}, headers as Record<string, string>)).toMatchObject({
        status: 201,
      });
    expect(await api.post('/api/v1/users', {}, { origin: 'https://pay.example:1' })).toMatchObject({
      status: 403,
    });
  });

  test('get answers that a browser does not let them read', async () => {
    const answer = await (await start()).request('GET', '/api/v1/users/1', {
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'may not send a body of %s, even an empty one or where none is read',
  async (type) => {
    const api = await start();
    for (const path of [
      '/api/v1/users',
      '/api/v1/workers/resume',
      '/api/v1/integrity/checks',
      '/api/v1/bulk-redrives/1/stop',
    ])
      for (const body of ['', '{}'])
        expect([
          path,
          body,
          (
            await rawRequest(api.origin, {
              method: 'POST',
              path,
              headers: ['Host', 'localhost', 'Content-Type', type, 'Content-Length', String(body.length)],
              body,
            })
          ).status,
        ]).toEqual([path, body, 415]);
  },
);
