import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitUntil } from '../../test/support/wait-until.ts';
import { renderLogLine } from './log-lines.ts';
import { lockFolder } from './stack-lock.ts';
import { createSupervisor, type Part } from './supervisor.ts';
import { waitForPort } from './wait-for-port.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-supervisor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A part that answers over HTTP and says when it is told to stop. */
async function createPart(name: string): Promise<Part> {
  const script = path.join(folder, `${name}.mjs`);
  const port = await freePort();
  writeFileSync(
    script,
    `import { createServer } from 'node:http';
     const server = createServer((_, response) => response.end('ok')).listen(${port}, '127.0.0.1');
     console.log('up');
     process.on('SIGTERM', () => { console.log('down'); server.close(() => process.exit(0)); server.closeAllConnections(); });`,
  );
  return { name, script, env: process.env, readyUrl: `http://127.0.0.1:${port}/` };
}

test('starts its parts, starts a dead one again, and stops them in the opposite order', async () => {
  const lines: string[] = [];
  const supervisor = createSupervisor({
    parts: [await createPart('one'), await createPart('two')],
    onLine: (name, line) => lines.push(`${name}: ${line}`),
    onStartFailure: () => {},
    restartPauseMs: 50,
  });
  await supervisor.start();
  process.kill(supervisor.pidOf('one') as number, 'SIGKILL');
  await waitUntil('a second start', () => lines.filter((line) => line === 'one: up').length === 2);
  expect(lines).toContain('one: one was ended by SIGKILL; it is started again.');

  lines.splice(0);
  await supervisor.stop();
  expect(lines.filter((line) => line.endsWith('down'))).toEqual(['two: down', 'one: down']);
});

test('tells of a part that ends before it was ready, and does not start it over and over', async () => {
  const script = path.join(folder, 'broken.mjs');
  writeFileSync(script, `console.error('no such setting'); process.exit(1);`);
  const failed: string[] = [];
  const lines: string[] = [];
  const supervisor = createSupervisor({
    parts: [{ name: 'broken', script, env: process.env, readyUrl: 'http://127.0.0.1:9/' }],
    onLine: (_name, line) => lines.push(line),
    onStartFailure: (name) => {
      failed.push(name);
      void supervisor.stop();
    },
    restartPauseMs: 10,
  });
  await supervisor.start();
  expect(failed).toEqual(['broken']);
  expect(lines).toEqual(['no such setting']);
});

test('a second stack in the same folder is refused, and the lock of a dead one is taken over', () => {
  const lock = lockFolder(path.join(folder, 'locked'));
  expect(lock.wasLeftBehind).toBe(false);
  lock.release();
  writeFileSync(path.join(folder, 'locked', 'tollgate.pid'), '999999999');
  expect(lockFolder(path.join(folder, 'locked')).wasLeftBehind).toBe(true);
});

test('a port in use is named with the setting that changes it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wait = waitForPort({ host: '127.0.0.1', port, setting: 'API_PORT', waitMs: 0 });
  await expect(wait).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/Port \d+ .* is in use.*API_PORT/),
  });
  await new Promise((resolve) => server.close(resolve));
  await waitForPort({ host: '127.0.0.1', port, setting: 'API_PORT', waitMs: 0 });
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
