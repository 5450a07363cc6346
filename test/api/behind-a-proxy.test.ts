import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '../../src/process/settings/config.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { canMakeCertificates, createAuthority } from '../support/certificates.ts';
import { ROOT } from '../support/monitoring-files.ts';
import { findNginx, type RunningNginx, startNginx } from '../support/nginx.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const documented = readFileSync(path.join(ROOT, 'ops', 'nginx', 'tollgate.conf'), 'utf8');
const TOKEN = 'a-token-of-an-operator';
const HOST = 'pay.example';

test('the documentation shows the configuration that is tested', () => {
  const page = readFileSync(path.join(ROOT, 'docs', 'operating.md'), 'utf8');
  expect(page).toContain(`\`\`\`nginx\n${documented}\`\`\`\n`);
});

const isInstalled = findNginx() !== undefined && canMakeCertificates();
if (!isInstalled) {
  process.stderr.write(
    'Skipped: the API behind a real nginx, because nginx or openssl is not installed here (Debian: apt-get install nginx-light openssl).\n',
  );
}
// Where everything must run, what is missing is a failure.
const suite = isInstalled || process.env.CI === 'true' ? describe : describe.skip;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
  readonly code: string | undefined;
}

let database: TestDatabase;
let api: TestApi;
let nginx: RunningNginx;
let ca: string;
const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-proxy-'));

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** A request with the path as it stands, to nginx over TLS or, for comparison, to the API itself. */
function send(
  target: string,
  { method = 'GET', headers = {}, body }: Sent = {},
  to: 'nginx' | 'api' = 'nginx',
) {
  return new Promise<Answer>((resolve, reject) => {
    const options = { host: '127.0.0.1', path: target, method, headers: { Host: HOST, ...headers } };
    const outgoing =
      to === 'nginx'
        ? httpsRequest({ ...options, port: nginx.port, ca, servername: HOST, agent: false })
        : httpRequest({ ...options, port: new URL(api.origin).port, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const isProblem = response.headers['content-type']?.startsWith('application/problem+json');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes,
          code: isProblem ? JSON.parse(bytes.toString()).code : undefined,
        });
      });
    });
    outgoing.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

suite('plain proxy_pass to an API in production', () => {
  let plain: RunningNginx;
  let alone: TestApi;

  beforeAll(async () => {
    database = await createTestDatabase();
    alone = await startTestApi(database.databaseUrl, { APP_ENV: 'production', OPERATOR_TOKEN: TOKEN });
    plain = await startNginx(
      ({ port }) => `server { listen 127.0.0.1:${port}; location / { proxy_pass ${alone.origin}; } }`,
    );
  });
  afterAll(async () => {
    await plain.stop();
    await alone.stop();
    await database.close();
  });

  test.each([
    ['GET', '/api/v1/dlq'],
    ['GET', '/api/v1/payments'],
    ['GET', '/metrics'],
    ['POST', '/api/v1/workers/pause'],
    ['POST', '/api/v1/dlq/1/redrive'],
    ['POST', '/api/v1/payments/1/resolve'],
  ])('gives no access to what is for operators: %s %s', async (method, target) => {
    const answer = await fetch(`http://127.0.0.1:${plain.port}${target}`, { method });
    expect(answer.status).toBe(401);
  });

  test('creates no money', async () => {
    const answer = await fetch(`http://127.0.0.1:${plain.port}/api/v1/users`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{"balance": 1000000}',
    });
    expect(answer.status).toBe(401);
  });
});

suite('the documented configuration', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
    api = await startTestApi(database.databaseUrl, {
      APP_ENV: 'production',
      OPERATOR_TOKEN: TOKEN,
      OPERATOR_PORT: '0',
      API_ALLOWED_HOSTS: HOST,
      API_PROXIES: '127.0.0.1',
    });
    const authority = createAuthority(folder);
    ca = authority.cert;
    const { certFile, keyFile } = authority.issue(HOST);
    const { port: apiPort } = new URL(api.origin);
    nginx = await startNginx(({ port }) =>
      documented
        .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
        .replace('127.0.0.1:8000', `127.0.0.1:${apiPort}`)
        .replace('/etc/ssl/pay.example.pem', certFile)
        .replace('/etc/ssl/private/pay.example.key', keyFile),
    );
  });
  // The last test stops the API.
  afterAll(async () => {
    await nginx.stop();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  test('hides what is for operators, even from the token', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    for (const target of [
      '/console',
      '/console/',
      '/metrics',
      '/api/v1/dlq',
      '/api/v1/dlq/',
      '//api/v1/dlq',
      '/API/v1/dlq',
      '/api/v1/%64lq',
    ])
      expect([target, (await send(target, { headers })).status]).toEqual([target, 404]);
    expect(await send('/api/v1/workers/pause', { method: 'POST', headers })).toMatchObject({ status: 404 });
  });

  test('passes a key and a payment on, and the same answer again byte for byte', async () => {
    const user = await send('/api/v1/users', { method: 'POST', headers: JSON_TYPE, body: '{}' });
    const userId = JSON.parse(user.body.toString()).id;
    const deposit = {
      method: 'POST',
      headers: { ...JSON_TYPE, 'idempotency-key': '"a/b+c=d%20;,~!#$&\'()*?@[]^_`{|}"' },
      body: `{"user_id": ${userId}, "deposit": 200}`,
    };
    const first = await send('/api/v1/payments/deposit', deposit);
    const again = await send('/api/v1/payments/deposit', deposit);
    const directly = await send('/api/v1/payments/deposit', deposit, 'api');
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    for (const { body } of [again, directly]) expect(body).toEqual(first.body);
    expect(first.headers.location).toBe(directly.headers.location);
  });

  test.each([
    ['a path that is not there', '/nothing//here?a=%2F', {}],
    ['a method that is not allowed', '/api/v1/users/1', { method: 'DELETE' }],
    ['a body that is no JSON', '/api/v1/users', { method: 'POST', headers: JSON_TYPE, body: '{' }],
    [
      'a body of another type',
      '/api/v1/users',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' },
    ],
    [
      'a body that is too large',
      '/api/v1/users',
      { method: 'POST', headers: JSON_TYPE, body: ' '.repeat(70_000) },
    ],
    ['headers that are too large', '/api/v1/users/1', { headers: { x: 'x'.repeat(20_000) } }],
    [
      'a page of another site',
      '/api/v1/users',
      { method: 'POST', headers: { origin: 'https://evil.example' } },
    ],
  ])('passes the problem of %s on byte for byte', async (_what, target, sent: Sent) => {
    const proxied = await send(target, sent);
    const direct = await send(target, sent, 'api');
    expect(proxied.code).toBeDefined();
    expect([proxied.status, proxied.headers['content-type'], proxied.headers.allow]).toEqual([
      direct.status,
      direct.headers['content-type'],
      direct.headers.allow,
    ]);
    expect(proxied.body).toEqual(direct.body);
  });

  test('passes on the largest body that the API accepts', async () => {
    const body = `{}${' '.repeat(parseConfig({}).api.bodyLimitBytes - 2)}`;
    expect(await send('/api/v1/users', { method: 'POST', headers: JSON_TYPE, body })).toMatchObject({
      status: 201,
    });
  });

  test("keeps a client's request id, and adds one if there is none", async () => {
    const given = await send('/api/v1/health/live', { headers: { 'x-request-id': 'order-4711' } });
    expect(given.headers['x-request-id']).toBe('order-4711');
    expect((await send('/api/v1/health/live')).headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a page of its own name may post, and a browser is told to come back over TLS', async () => {
    const headers = { ...JSON_TYPE, origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin' };
    const answer = await send('/api/v1/users', { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(201);
    expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
  });

  test('answers under no other host name', async () => {
    expect(await send('/api/v1/health/live', { headers: { Host: 'evil.example' } })).toMatchObject({
      status: 421,
      code: 'host-not-allowed',
    });
  });

  test('waits longer than the API may take to answer', () => {
    const [, seconds] = /proxy_read_timeout (\d+)s;/.exec(documented) ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThan(parseConfig({}).api.requestTimeoutMs);
  });

  test('says that the outcome is unknown when the API is gone, and nothing more', async () => {
    await api.stop();
    for (const [method, target, code] of [
      ['POST', '/api/v1/payments/deposit', 'accept-outcome-unknown'],
      ['POST', '/api/v1/payments/withdraw', 'accept-outcome-unknown'],
      ['POST', '/api/v1/payments/1/refunds', 'accept-outcome-unknown'],
      ['POST', '/api/v1/users', 'write-outcome-unknown'],
      ['POST', '/api/v1/gateway/callbacks', 'write-outcome-unknown'],
      ['GET', '/api/v1/payments/1', 'database-unavailable'],
    ] as const) {
      const body = method === 'POST' ? { headers: JSON_TYPE, body: '{}' } : {};
      const answer = await send(target, { method, ...body });
      expect([target, answer]).toMatchObject([target, { status: 503, code }]);
      expect(answer.headers['retry-after']).toBe('1');
      expect(JSON.parse(answer.body.toString()).type).toBe(`/problems/${code}`);
    }
  });
});
