import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKnex, createPool } from '../../src/database/database.ts';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { type StartedProcess, startProcess, waitForStart } from '../support/processes.ts';
import { testConfig } from '../support/test-config.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A server of this file's own: what is done to it would stop the other tests too. */
let folder: string;
let postgres: EmbeddedPostgres;
let api: StartedProcess;
let origin: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-hang-'));
  // Root runs Postgres as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  postgres = await startEmbeddedPostgres({
    dataFolder: path.join(folder, 'postgres'),
    database: 'tollgate',
    settings: { fsync: 'off' },
  });
  await migrateToLatest(postgres.databaseUrl);
  api = startProcess('api', {
    DATABASE_URL: postgres.databaseUrl,
    API_PORT: '0',
    LOG_LEVEL: 'info',
    DATABASE_CONNECT_TIMEOUT_SECONDS: '2',
    API_MAX_WAIT_SECONDS: '2',
  });
  origin = `http://127.0.0.1:${(await waitForStart(api)).port}`;
});
afterAll(async () => {
  signalServer('SIGCONT');
  api.child.kill('SIGTERM');
  await api.ended;
  await postgres.stop('immediate');
  rmSync(folder, { recursive: true, force: true });
});

/** Stops or continues every process of the server: it goes on to take connections, and gives no answer. */
function signalServer(signal: 'SIGSTOP' | 'SIGCONT'): void {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const children = processes
    .filter(([, parent]) => parent === postgres.postmasterPid)
    .map(([pid]) => pid as number);
  for (const pid of [postgres.postmasterPid, ...children]) process.kill(pid, signal);
}

function dataFolder(): string {
  return path.join(folder, 'postgres');
}

async function send(method: string, where: string, body?: object) {
  const response = await fetch(origin + where, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const json = (await response.json()) as { id: number; code?: string };
  return { status: response.status, json };
}

async function createUser() {
  return await waitUntil('a user', async () => {
    const { status, json } = await send('POST', '/api/v1/users', { balance: 1000 });
    return status === 201 && json;
  });
}

function residentKilobytes(): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(api.child.pid)], { encoding: 'utf8' }));
}

test('while the database does not answer, requests are turned away at once, and everything works again afterwards', async () => {
  const user = await createUser();
  const deposit = () => send('POST', '/api/v1/payments/deposit', { user_id: user.id, deposit: 1 });
  // A machine that is busy with other tests may be too slow for the limits that this one sets.
  await waitUntil('a deposit that is taken', async () => (await deposit()).status === 202);
  const pool = createPool(postgres.databaseUrl, testConfig(), 'test', () => {});
  const knex = createKnex(postgres.databaseUrl, testConfig(), 'test');
  const world = createPaymentWorld({
    pool,
    knex,
    databaseUrl: postgres.databaseUrl,
    ownerUrl: postgres.databaseUrl,
    close: async () => {},
  });
  const worker = world.worker(createScriptedGateway().gateway);
  worker.start();

  const lineCount = api.lines.length;
  signalServer('SIGSTOP');
  // Those that come before it is noticed wait: for their turn, for a connection, or for an answer.
  const early = [deposit(), deposit(), send('GET', `/api/v1/users/${user.id}`)];
  await waitUntil('a database that is known to hang', () =>
    api.lines.slice(lineCount).some(({ event }) => event === 'database.gives_no_answer'),
  );
  const before = residentKilobytes();
  const turnedAwayFrom = performance.now();
  for (let round = 0; round < 30; round += 1) {
    const answers = await Promise.all([
      ...Array.from({ length: 90 }, deposit),
      ...Array.from({ length: 10 }, () => send('GET', '/api/v1/payments')),
    ]);
    expect(answers.every(({ status, json }) => status === 503 && json.code === 'database-unavailable')).toBe(
      true,
    );
  }
  // Were one in each round to wait for its own deadline, which is two seconds, it would be longer.
  expect(performance.now() - turnedAwayFrom).toBeLessThan(60_000);
  expect((await send('GET', '/api/v1/health/ready')).status).toBe(503);
  expect((await send('GET', '/api/v1/health/live')).status).toBe(200);
  expect(residentKilobytes()).toBeLessThan(before + 100_000);

  signalServer('SIGCONT');
  await waitUntil('a deposit that is taken', async () => (await deposit()).status === 202);
  await waitUntil(
    'an API that is ready',
    async () => (await send('GET', '/api/v1/health/ready')).status === 200,
  );
  for (const answer of await Promise.all(early)) expect([200, 202, 503]).toContain(answer.status);
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(5000);
  expect(await world.violations()).toEqual([]);
  await Promise.all([pool.end(), knex.destroy()]);
});

test('after a restart of the server both recover by themselves', async () => {
  const user = await createUser();
  const deposit = () => send('POST', '/api/v1/payments/deposit', { user_id: user.id, deposit: 1 });
  await postgres.stop('immediate');
  const answers = await Promise.all(Array.from({ length: 20 }, deposit));
  expect(answers.every(({ status }) => status === 503)).toBe(true);

  const { port } = new URL(postgres.databaseUrl);
  postgres = await startEmbeddedPostgres({
    dataFolder: dataFolder(),
    database: 'tollgate',
    port: Number(port),
    settings: { fsync: 'off' },
  });
  await waitUntil('a deposit that is taken', async () => (await deposit()).status === 202);
});
