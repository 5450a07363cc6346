import { rawRequest } from '../../test/support/raw-request.ts';
import type { Pool } from '../database/database.ts';
import { parseHost } from '../http/allowed-hosts.ts';
import { type RunningHttpServer, startHttpServer } from '../http/http-server.ts';
import { createObservationApp } from './observation-server.ts';

let server: RunningHttpServer;
let origin: string;

beforeAll(async () => {
  const app = createObservationApp({
    metricsPage: { mediaType: 'text/plain; version=0.0.4', read: async () => 'up 1\n' },
    // It has nothing to do with the door; what is away is told as such.
    pool: { query: () => Promise.reject(new Error('away')) } as unknown as Pool,
    describe: () => ({ worker: 'w1' }),
    allowedHosts: [parseHost('worker.internal') ?? { name: '', port: undefined }],
    listenedOn: '0.0.0.0',
  });
  server = await startHttpServer(app, {
    host: '0.0.0.0',
    port: 0,
    portSetting: 'WORKER_METRICS_PORT',
    requestTimeoutMs: 5000,
    maxConnections: 10,
  });
  origin = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.stop(0));

const ask = (path: string, { method = 'GET', headers = ['Host', 'localhost'] } = {}) =>
  rawRequest(origin, { method, path, headers });
const HEALTH = [
  ['/health/live', 200],
  ['/health', 503],
  ['/health/ready', 503],
] as const;

test.each(['localhost', '127.0.0.1:8002', 'worker.internal', 'WORKER.internal:8002', '[::1]'])(
  'metrics are shown to requests %s',
  async (host) => {
    expect(await ask('/metrics', { headers: ['Host', host] })).toMatchObject({ status: 200, text: 'up 1\n' });
  },
);

test.each([
  [['Host', 'evil.example'], 421, 'host_not_allowed'],
  [['Host', 'localhost.evil.example'], 421, 'host_not_allowed'],
  [['Host', ''], 421, 'host_not_allowed'],
  [[], 400, 'malformed_request'],
  [['Host', 'localhost', 'Host', 'evil.example'], 400, 'malformed_request'],
])('metrics are not shown to requests with %j', async (headers, status, code) => {
  expect(await ask('/metrics', { headers })).toMatchObject({ status, json: { code } });
});

test('an absolute address takes precedence over the header', async () => {
  expect((await ask('http://evil.example/metrics')).status).toBe(421);
});

test.each(HEALTH)('%s answers every probe, under whatever host name', async (path, status) => {
  for (const headers of [['Host', 'evil.example'], ['Host', 'worker'], [], ['Host', 'a', 'Host', 'b']])
    expect([headers, (await ask(path, { headers })).status]).toEqual([headers, status]);
  const cross = ['Host', 'localhost', 'Sec-Fetch-Site', 'cross-site', 'Accept', 'text/html'];
  expect((await ask(path, { headers: cross })).status).toBe(status);
});

test.each([...HEALTH.map(([path]) => path), '/metrics'])('%s can only be read', async (path) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
    const refused = await ask(path, { method });
    expect([method, refused.status, refused.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    expect(refused.json.code).toBe('method_not_allowed');
  }
  const head = await ask(path, { method: 'HEAD' });
  expect([head.text, [200, 503].includes(head.status)]).toEqual(['', true]);
});

test('no browser may frame the pages, guess their type or store them', async () => {
  for (const path of ['/metrics', '/health', '/nothing']) {
    const { headers } = await ask(path);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(headers['x-powered-by']).toBeUndefined();
  }
});

test('unknown and unreadable addresses are answered as such', async () => {
  expect(await ask('/nothing')).toMatchObject({ status: 404, json: { code: 'not_found' } });
  expect(await ask('/%zz')).toMatchObject({ status: 404 });
});
