import { get } from 'node:http';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { startProcess, waitForStart } from '../support/processes.ts';
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

test('the page allows nothing from other sites, no inline script and no frame', async () => {
  const page = await api.get('/console/');
  expect(page).toMatchObject({ status: 200 });
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('/console leads to the page', async () => {
  const answer = await fetch(`${api.origin}/console`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console/']);
});

test('every file that a file of the console imports is served, without types', async () => {
  const { imports } = JSON.parse(/"importmap">(.*?)</.exec((await api.get('/console/')).text)?.[1] ?? '');
  const seen = new Set<string>();
  const queue = ['/console/main.ts'];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const file = await api.get(path);
    expect([path, file.status, file.headers.get('content-type')]).toEqual([
      path,
      200,
      'text/javascript; charset=utf-8',
    ]);
    // Packages are not ours to read.
    if (path.startsWith('/console/lib/')) continue;
    // At the beginning of a line, or of the last line of a longer one: elsewhere, "from" may be a word.
    for (const [, name = ''] of file.text.matchAll(
      /^(?:import |(?:import|export) .* from |\} from )["']([^"']+)["']/gm,
    )) {
      const address = name.startsWith('.') ? name : imports[name];
      const base = name.startsWith('.') ? path : '/console/';
      queue.push(new URL(address, new URL(base, api.origin)).pathname);
    }
  }
  expect(seen.size).toBeGreaterThan(15);
});

test('an unchanged file is not sent again', async () => {
  const first = await api.get('/console/console.css');
  const again = await api.request('GET', '/console/console.css', {
    headers: { 'if-none-match': first.headers.get('etag') ?? '' },
  });
  expect(again).toMatchObject({ status: 304, text: '' });
});

test.each([
  '/console/none.js',
  '/console/..%2f..%2fpackage.json',
  '/console/tsconfig.json',
  '/console/%2e%2e/api/main.ts',
])('nothing else is served: %s', async (path) => {
  expect((await api.get(path)).status).toBe(404);
});

/** As a browser asks; fetch of Node writes these headers itself. */
function ask(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(api.origin + path, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
}

test('a link on another site leads to the console, and a page of another site cannot read it', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  expect(await ask('/console/', { ...headers, 'sec-fetch-mode': 'navigate' })).toBe(200);
  expect(await ask('/console/', { ...headers, 'sec-fetch-mode': 'no-cors' })).toBe(403);
  expect(await ask('/api/v1/overview', { ...headers, 'sec-fetch-mode': 'navigate' })).toBe(403);
});

test('the first visit logs nothing that looks like an error', async () => {
  const started = startProcess('api', { DATABASE_URL: database.databaseUrl, API_PORT: '0' });
  try {
    const { port } = await waitForStart(started);
    const page = await fetch(`http://127.0.0.1:${port}/console/main.ts`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  } finally {
    started.child.kill('SIGTERM');
  }
  await started.ended;
  expect(started.lines.filter(({ event }) => event === 'stderr')).toEqual([]);
  expect(started.lines.some(({ event, route }) => event === 'http.request' && route === '/console')).toBe(
    true,
  );
});
