import { startTestApi, type TestApi } from '../support/api-server.ts';
import { readMetricsPage } from '../support/metrics-page.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi(database.databaseUrl);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

test.each([
  '/metrics',
  '/openapi.json',
  '/console',
  '/console/',
  '/console/main.ts',
  '/docs',
  '/docs/',
  '/docs/swagger-ui.css',
  '/docs/events',
  '/asyncapi.json',
  '/problems/internal',
])('%s is read-only, and says so to any other method', async (path) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const answer = await api.request(method, path);
    expect([method, answer.status, answer.headers.get('allow'), answer.json?.code]).toEqual([
      method,
      405,
      'GET, HEAD',
      'method-not-allowed',
    ]);
  }
  expect((await api.request('HEAD', path)).status).toBe(200);
});

test.each([
  '/docs/nothing',
  '/docs/a/b.js',
  '/docs/../docs/x',
  '/docs/%2e%2e/package.json',
  '/docs/package.json',
  '/docsx',
  '/console/nothing.ts',
  '/openapi.json/x',
])('%s is not there', async (path) => {
  expect(await api.get(path)).toMatchObject({ status: 404, json: { code: 'not-found' } });
});

test('Swagger UI and its files are there', async () => {
  for (const path of [
    '/docs',
    '/docs/',
    '/docs/swagger-ui-bundle.js',
    '/docs/swagger-ui-init.js',
    '/docs/swagger-ui.css',
  ])
    expect([path, (await api.get(path)).status]).toEqual([path, 200]);
});

test.each(['/api/v1/health', '/api/v1/nothing', '/docs/', '/console/', '/metrics', '/docs/swagger-ui.css'])(
  'a browser is told what not to do with %s',
  async (path) => {
    const { headers } = await api.get(path);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  },
);

describe('the size of the page of metrics', () => {
  const METHODS = [
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'PROPFIND',
    'MKCOL',
    'LOCK',
    'PURGE',
    'REPORT',
    'SEARCH',
    'M-SEARCH',
  ];

  async function seriesOf(name: string): Promise<string[]> {
    const families = readMetricsPage((await api.get('/metrics')).text);
    return families
      .filter((family) => family.name === name)
      .flatMap(({ samples }) => samples.map(({ labels }) => JSON.stringify(labels)));
  }

  test('does not grow with methods and addresses that clients make up', async () => {
    const { paths } = (await api.get('/openapi.json')).json;
    const known = Object.entries<object>(paths).flatMap(([route, item]) =>
      Object.keys(item).map((method) => ({ method: method.toUpperCase(), route })),
    );
    for (const method of METHODS)
      for (const route of Object.keys(paths)) await api.request(method, route.replaceAll(/\{\w+\}/g, '1'));
    for (const method of METHODS)
      for (const path of ['/', '/nothing', '/api/v2/users', '/docs/nothing', '/console/nothing'])
        await api.request(method, path);

    const durations = (await seriesOf('tollgate_http_request_duration_seconds')).map((text) =>
      JSON.parse(text),
    );
    const pages = [
      '/docs',
      '/docs/events',
      '/console',
      '/metrics',
      '/openapi.json',
      '/asyncapi.json',
      '/problems/{code}',
    ].map((route) => ({
      method: 'GET',
      route,
    }));
    for (const { method, route } of durations) expect([...known, ...pages]).toContainEqual({ method, route });
    const requests = (await seriesOf('tollgate_http_requests_total')).map((text) => JSON.parse(text));
    for (const { method, route } of requests)
      expect([
        ...known,
        ...pages,
        ...Object.keys(paths)
          .concat(
            pages.map((page) => page.route),
            'unmatched',
          )
          .map((other) => ({ method: 'other', route: other })),
      ]).toContainEqual({ method, route });
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET', 'POST', 'other']));
  });
});

test('a page of metrics is rendered at most once in its age', async () => {
  const aged = await startTestApi(database.databaseUrl, { METRICS_MAX_AGE_SECONDS: '60' });
  const pages = await Promise.all(Array.from({ length: 20 }, () => aged.get('/metrics')));
  await aged.get('/api/v1/health');
  pages.push(await aged.get('/metrics'));
  expect(new Set(pages.map(({ text }) => text)).size).toBe(1);
  await aged.stop();
});
