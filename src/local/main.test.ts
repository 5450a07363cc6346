import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { findFreePort } from '../../test/support/free-port.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { startEmbeddedPostgres } from './postgres/embedded-postgres.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-stack-'));
// Root runs Postgres as another user, who must be able to enter.
chmodSync(folder, 0o755);
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<string> {
  return String(await findFreePort());
}

/** What a person runs with `npm start`, in a folder of its own. */
async function startStack(settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.resolve(import.meta.dirname, 'main.ts')], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      API_PORT: await freePort(),
      GATEWAY_MOCK_PORT: await freePort(),
      WORKER_METRICS_PORT: await freePort(),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  return { child, ended, output: () => output };
}

test('one command starts everything, and Ctrl-C stops it in order, although npm sends the signal once more', async () => {
  const stack = await startStack();
  await waitUntil('the banner', () => stack.output().includes('Tollgate is ready.'), { deadlineMs: 90_000 });
  expect(stack.output()).not.toMatch(/postgres:\/\/\w+:/);

  const second = await startStack();
  expect(await second.ended).toBe(1);
  expect(second.output()).toBe(
    `Tollgate is already running in this folder (process ${stack.child.pid}). Stop it first.\n`,
  );

  stack.child.kill('SIGINT');
  stack.child.kill('SIGINT');
  expect(await stack.ended).toBe(0);
  const stops = [...stack.output().matchAll(/^(\S+) +\| .* process\.stopped/gm)].map(([, name]) => name);
  expect(stops).toEqual(['worker', 'api', 'gateway-mock']);
  expect(existsSync(path.join(folder, '.data', 'tollgate.pid'))).toBe(false);
  expect(existsSync(path.join(folder, '.data', 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
});

test('after a restart the stand-in gateway knows what it carried out before', async () => {
  const bookOf = async (mockPort: string) => {
    const response = await fetch(`http://127.0.0.1:${mockPort}/mock-gateway/book`);
    return ((await response.json()) as { entries: { reference: string }[] }).entries;
  };
  const restart = async () => {
    const GATEWAY_MOCK_PORT = await freePort();
    const stack = await startStack({ GATEWAY_MOCK_PORT, GATEWAY_MOCK_TIMEOUT_RATE: '0' });
    await waitUntil('the banner', () => stack.output().includes('Tollgate is ready.'), {
      deadlineMs: 90_000,
    });
    return { ...stack, mockPort: GATEWAY_MOCK_PORT };
  };
  const first = await restart();
  const sent = await fetch(`http://127.0.0.1:${first.mockPort}/mock-gateway/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'kept' },
    body: '{"payment_id": 7, "user_id": 1, "amount": 200, "commission": 4, "type": "deposit"}',
  });
  await sent.body?.cancel();
  const before = await bookOf(first.mockPort);
  first.child.kill('SIGINT');
  await first.ended;

  const second = await restart();
  expect(await bookOf(second.mockPort)).toEqual(before);
  second.child.kill('SIGINT');
  await second.ended;
});

test('Ctrl-C while it is still starting leaves nothing behind', async () => {
  const stack = await startStack();
  await waitUntil('a server that starts', () =>
    existsSync(path.join(folder, '.data', 'postgres', 'cluster', 'postmaster.pid')),
  );
  stack.child.kill('SIGINT');
  expect(await stack.ended).toBe(0);
  expect(stack.output()).toMatch(/^tollgate +\| Stopping .*\n$/);
  expect(existsSync(path.join(folder, '.data', 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
});

test('data from before the first release is left alone, and the message says where it is and how to begin without it', async () => {
  const dataFolder = path.join(folder, '.data', 'postgres');
  const book = path.join(folder, '.data', 'gateway-mock');
  mkdirSync(book, { recursive: true });
  const server = await startEmbeddedPostgres({ dataFolder });
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query(`
    drop schema if exists graphile_worker cascade;
    drop schema public cascade;
    create schema public;
    create table schema_migrations (id serial primary key, name text, batch integer, migration_time timestamptz);
    insert into schema_migrations (name, batch) values ('0001_ledger_and_payments.ts', 1)`);
  await client.end();
  await server.stop();

  const stack = await startStack();
  expect(await stack.ended).toBe(1);
  const sentence = stack.output().trimEnd().split('\n').at(-1);
  expect(sentence).toMatch(
    /^The database tollgate on 127\.0\.0\.1:\d+ was made before the first release of Tollgate, /,
  );
  expect(sentence).toContain(
    `to begin without its data, remove ${realpathSync(dataFolder)} and ${realpathSync(book)} while npm start is stopped. Nothing in it was changed.`,
  );
  expect(existsSync(path.join(dataFolder, 'cluster', 'postmaster.pid'))).toBe(false);
  rmSync(path.join(folder, '.data'), { recursive: true });
});

test('a port in use is reported in one sentence, before anything is started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stack = await startStack({ API_PORT: String(port) });
  expect(await stack.ended).toBe(1);
  expect(stack.output()).toBe(
    `Port ${port} on 127.0.0.1 is in use. Stop the program that uses it, or set API_PORT to another port.\n`,
  );
  await new Promise((resolve) => server.close(resolve));
});

test('an address of another machine, and two parts on one port, are each reported as such', async () => {
  const elsewhere = await startStack({ WORKER_METRICS_HOST: '192.0.2.1' });
  expect(await elsewhere.ended).toBe(1);
  expect(elsewhere.output()).toBe(
    '192.0.2.1 is not an address of this machine. Set WORKER_METRICS_HOST to one of its addresses, such as 127.0.0.1.\n',
  );
  const twice = await startStack({ API_PORT: '18000', WORKER_METRICS_PORT: '18000' });
  expect(await twice.ended).toBe(1);
  expect(twice.output()).toBe('API_PORT and WORKER_METRICS_PORT are both 18000. Change one of them.\n');
});
