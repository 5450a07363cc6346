import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../test/support/free-port.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { parseConfig } from '../process/settings/config.ts';
import { renderBanner } from './banner.ts';
import { describeProcess } from './describe-process.ts';
import { renderLogLine } from './log-lines.ts';
import { listParts } from './stack-parts.ts';
import { createSupervisor, type Part } from './supervisor.ts';
import { waitForPort } from './wait-for-port.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-supervisor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A part that answers over HTTP and says when it is told to stop. */
async function createPart(name: string): Promise<Part> {
  const script = path.join(folder, `${name}.mjs`);
  const port = await findFreePort();
  writeFileSync(
    script,
    `import { createServer } from 'node:http';
     process.on('SIGTERM', () => { console.log('down'); server.close(() => process.exit(0)); server.closeAllConnections(); });
     console.log('up');
     const server = createServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');`,
  );
  return { name, script, env: process.env, readyUrl: `http://127.0.0.1:${port}/` };
}

test('starts its parts, restarts a dead one, and stops them in the opposite order', async () => {
  const lines: string[] = [];
  const supervisor = createSupervisor({
    parts: [await createPart('one'), await createPart('two')],
    onLine: (name, line) => lines.push(`${name}: ${line}`),
    restartPauseMs: 50,
  });
  await supervisor.start();
  process.kill(supervisor.pidOf('one') as number, 'SIGKILL');
  await waitUntil('a second start', () => lines.filter((line) => line === 'one: up').length === 2);
  expect(lines).toContain('one: one was ended by SIGKILL; restarting it.');

  lines.splice(0);
  await supervisor.stop();
  expect(lines.filter((line) => line.endsWith('down'))).toEqual(['two: down', 'one: down']);
});

test('gives up when a part ends before it was ready, instead of restarting it over and over', async () => {
  const script = path.join(folder, 'broken.mjs');
  writeFileSync(script, `console.error('no such setting'); process.exit(1);`);
  const lines: string[] = [];
  const supervisor = createSupervisor({
    parts: [{ name: 'broken', script, env: process.env, readyUrl: 'http://127.0.0.1:9/' }],
    onLine: (_name, line) => lines.push(line),
    restartPauseMs: 10,
  });
  await expect(supervisor.start()).rejects.toMatchObject({
    name: 'StartError',
    message: 'broken did not start; its last line of output says why.',
  });
  expect(lines).toEqual(['no such setting']);
  await supervisor.stop();
});

test('waits for the last output of a part that has ended, which may come a moment later', async () => {
  const script = path.join(folder, 'late.mjs');
  writeFileSync(
    script,
    `import { spawn } from 'node:child_process';
     // Holds the pipe for longer than the part itself.
     spawn('sh', ['-c', 'sleep 0.5; echo the reason'], { stdio: 'inherit' });
     process.exit(1);`,
  );
  const lines: string[] = [];
  const supervisor = createSupervisor({
    parts: [{ name: 'late', script, env: process.env, readyUrl: 'http://127.0.0.1:9/' }],
    onLine: (_name, line) => lines.push(line),
  });
  await expect(supervisor.start()).rejects.toThrow('late did not start');
  expect(lines).toEqual(['the reason']);
  await supervisor.stop();
});

test('gives up when a part runs but never becomes ready', async () => {
  const script = path.join(folder, 'silent.mjs');
  writeFileSync(script, 'setInterval(() => {}, 1000);');
  const supervisor = createSupervisor({
    parts: [{ name: 'silent', script, env: process.env, readyUrl: 'http://127.0.0.1:9/' }],
    onLine: () => {},
    readyDeadlineMs: 200,
  });
  await expect(supervisor.start()).rejects.toThrow('silent was not ready within 0.2 seconds.');
  await supervisor.stop();
});

test('kills a part that does not stop in time', async () => {
  const part = await createPart('stubborn');
  writeFileSync(
    part.script,
    `${readFileSync(part.script, 'utf8')}\nprocess.removeAllListeners('SIGTERM').on('SIGTERM', () => {});`,
  );
  const supervisor = createSupervisor({ parts: [part], onLine: () => {}, stopDeadlineMs: 100 });
  await supervisor.start();
  const pid = supervisor.pidOf('stubborn') as number;
  await supervisor.stop();
  expect(describeProcess(pid)).toBeUndefined();
});

test('the parts pay through the mock wherever it listens, unless another gateway is configured', () => {
  const gatewayOf = (settings: Record<string, string>) =>
    listParts(parseConfig(settings), { databaseUrl: 'postgres://x', dataFolder: 'data' }).map(
      (part) => part.env.PAYMENT_GATEWAY_URL,
    );
  const moved = 'http://127.0.0.1:9001/mock-gateway';
  expect(gatewayOf({ GATEWAY_MOCK_PORT: '9001' })).toEqual([moved, moved, moved]);
  const named = 'https://gateway.example';
  expect(gatewayOf({ GATEWAY_MOCK_PORT: '9001', PAYMENT_GATEWAY_URL: named })).toEqual([named, named, named]);
});

test('no part gets a secret that it does not use', () => {
  const parts = listParts(parseConfig({}), { databaseUrl: 'postgres://x', dataFolder: 'data' });
  const given = (name: string) => parts.filter(({ env }) => env[name] !== '').map((part) => part.name);
  expect(given('DATABASE_URL')).toEqual(['api', 'worker']);
  expect(given('MIGRATION_DATABASE_URL')).toEqual([]);
  expect(given('OPERATOR_TOKEN')).toEqual(['api']);
  for (const name of ['GATEWAY_AUTHORIZATION', 'GATEWAY_HEADERS', 'GATEWAY_CLIENT_KEY_PASSPHRASE'])
    expect(given(name)).toEqual(['worker']);
});

test('the mock and the API share a secret and an address for callbacks, unless they were given', () => {
  const envOf = (settings: Record<string, string>) =>
    listParts(parseConfig(settings), { databaseUrl: 'postgres://x', dataFolder: 'data' }).map(({ env }) => [
      env.GATEWAY_CALLBACK_SECRET,
      env.GATEWAY_MOCK_CALLBACK_URL,
    ]);
  const [mock, api] = envOf({ API_PORT: '9000' });
  expect(mock).toEqual([
    expect.stringMatching(/^[0-9a-f]{48}$/),
    'http://127.0.0.1:9000/api/v1/gateway/callbacks',
  ]);
  expect(api).toEqual(mock);
  const given = {
    GATEWAY_CALLBACK_SECRET: 'sixteen characters',
    GATEWAY_MOCK_CALLBACK_URL: 'http://elsewhere/',
  };
  const own = Object.fromEntries(Object.keys(given).map((name) => [name, process.env[name]]));
  expect(envOf(given)[0]).toEqual(Object.values(own));
  expect(envOf({ PAYMENT_GATEWAY_URL: 'https://gateway.example' })[0]).toEqual(Object.values(own));
});

test.each([
  'http://127.0.0.1:9001/mock-gateway',
  'http://localhost:9001/mock-gateway',
  'http://[::1]:9001/mock-gateway/',
  'http://127.0.0.1:9001',
])('callbacks stay on when the stand-in gateway is configured as %s', (PAYMENT_GATEWAY_URL) => {
  const config = parseConfig({ GATEWAY_MOCK_PORT: '9001', PAYMENT_GATEWAY_URL });
  for (const { env } of listParts(config, { databaseUrl: 'postgres://x', dataFolder: 'data' })) {
    expect(env.GATEWAY_CALLBACK_SECRET).toMatch(/^[0-9a-f]{48}$/);
    expect(env.PAYMENT_GATEWAY_URL).toBe(PAYMENT_GATEWAY_URL.replace(/\/$/, ''));
  }
  expect(renderBanner(config, STORE)).toMatch(/Gateway +the stand-in.*\n +Callbacks +on: /);
});

const STORE = { databaseUrl: 'postgres://ana:hunter2@db.example/tollgate', isEmbedded: false };

test('the banner says that another gateway is used, and whether its callbacks are accepted', () => {
  const named = { PAYMENT_GATEWAY_URL: 'https://key:hunter2@gateway.example/v1' };
  const off = renderBanner(parseConfig(named), STORE);
  expect(off).toMatch(/Gateway .*gateway\.example\/v1, from PAYMENT_GATEWAY_URL\n.*gets no payments/);
  expect(off).toContain('off: set GATEWAY_CALLBACK_SECRET');
  expect(off).not.toContain('hunter2');
  const on = renderBanner(parseConfig({ ...named, GATEWAY_CALLBACK_SECRET: 'x'.repeat(16) }), STORE);
  expect(on).toContain('on, signed with GATEWAY_CALLBACK_SECRET');
});

test('a port in use is reported with the setting that changes it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wait = waitForPort({ host: '127.0.0.1', port, portSetting: 'API_PORT', waitMs: 0 });
  await expect(wait).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/Port \d+ .* is in use.*API_PORT/),
  });
  await new Promise((resolve) => server.close(resolve));
  await waitForPort({ host: '127.0.0.1', port, portSetting: 'API_PORT', waitMs: 0 });
});

test('log lines of the parts are made readable, and other lines are left alone', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-01-01T12:00:01.234Z',
    app: 'x',
    event: 'payment.failed',
    payment_id: '7',
    error: { message: 'it broke' },
  });
  expect(renderLogLine(line, { isColoured: false })).toBe(
    '12:00:01.234 WARN payment.failed payment_id=7 error="it broke"',
  );
  expect(renderLogLine('plain text', { isColoured: false })).toBe('plain text');
  expect(renderLogLine('{broken', { isColoured: false })).toBe('{broken');
});

test('the mock keeps a book for each database beside the data, or where its setting says', () => {
  const fileOf = (settings: Record<string, string>) =>
    listParts(parseConfig(settings), { databaseUrl: 'postgres://x', dataFolder: '/data' })[0]?.env
      .GATEWAY_MOCK_BOOK_FILE;
  expect(fileOf({})).toBe('/data/gateway-mock/book.jsonl');
  const DATABASE_URL = 'postgres://me:secret@db.example:5433/shop?sslmode=require';
  expect(fileOf({ DATABASE_URL })).toBe('/data/gateway-mock/shop_on_db.example_5433/book.jsonl');
  expect(fileOf({ GATEWAY_MOCK_BOOK_FILE: '/elsewhere.jsonl' })).toBe('/elsewhere.jsonl');
});
