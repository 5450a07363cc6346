import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { createTollgate } from '../cli/run-tollgate.ts';
import { startTestApi, type TestApi } from '../support/api-server.ts';
import { copyDatabase } from '../support/copy-database.ts';
import { createDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts';
import { ask } from '../support/replicated-postgres.ts';
import { testConfig } from '../support/test-config.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * The address of the database moves to another server while an API and a worker run: a copy that was made there by a dump, as
 * for a blue/green switch, and then a server that has no tables at all. The tests tell one story.
 */
let folder: string;
let source: Server;
let copy: Server;
let empty: Server;
let proxy: DatabaseProxy;
let api: TestApi;
let worker: Awaited<ReturnType<typeof startWorker>>;
let userId: number;

/** Name, user and password are the same everywhere, as for servers that take each other's place. */
const PASSWORD = 'the same everywhere';

async function startServer(name: string) {
  const server = await startEmbeddedPostgres({
    dataFolder: path.join(folder, name),
    settings: { fsync: 'off' },
  });
  const url = new URL(server.databaseUrl);
  await ask(server, `alter role ${url.username} password '${PASSWORD}'`);
  url.password = PASSWORD;
  return { ...server, databaseUrl: url.toString() };
}
type Server = EmbeddedPostgres;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-another-'));
  chmodSync(folder, 0o755);
  [source, copy, empty] = await Promise.all([
    startServer('source'),
    startServer('copy'),
    startServer('empty'),
  ]);
  await Promise.all([migrateToLatest(source.databaseUrl), migrateToLatest(copy.databaseUrl)]);
  proxy = await createDatabaseProxy(source.databaseUrl);
  const settings = { DATABASE_CONNECT_TIMEOUT_SECONDS: '5', PAYMENT_GATEWAY_URL: 'http://127.0.0.1:1' };
  const config = testConfig({ DATABASE_URL: proxy.url, ...settings });
  api = await startTestApi(proxy.url, settings);
  userId = await api.user();
  worker = await startWorker(config, createLogger(config, 'worker'));
});
afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  await proxy.cut();
  await Promise.all([source, copy, empty].map((server) => server.stop('immediate')));
  rmSync(folder, { recursive: true, force: true });
});

const deposit = () => api.post('/api/v1/payments/deposit', { user_id: userId, deposit: 1 });
const health = () => api.get('/api/v1/health/ready');
const workerHealth = async () =>
  await (await fetch(`http://127.0.0.1:${worker.metricsPort}/health/ready`)).json();

async function countPayments(server: Server): Promise<number> {
  const [row] = await ask(server, 'select count(*)::int as count from payments');
  return row.count;
}

const refusal = () =>
  waitUntil('a refusal that says why', async () => {
    const answer = await deposit();
    return answer.status === 503 && answer.json.detail.includes('different server') && answer;
  });
const recovery = () => waitUntil('a payment that is accepted', async () => (await deposit()).status === 202);

test('running processes do not write to a copy on another server, and they say why', async () => {
  expect((await deposit()).status).toBe(202);
  await copyDatabase(source.databaseUrl, copy.databaseUrl);
  const before = await countPayments(copy);
  proxy.leadTo(copy.databaseUrl);
  proxy.endSessions();

  expect((await refusal()).json).toMatchObject({ code: 'database-unavailable', retry: 'same-key' });
  expect((await api.post('/api/v1/users/', { balance: 1 })).status).toBe(503);
  expect((await api.get(`/api/v1/users/${userId}`)).status).toBe(503);
  expect(await health()).toMatchObject({
    status: 503,
    json: { database: 'other_server', reason: expect.stringContaining('npx tollgate rebase') },
  });
  expect(await workerHealth()).toMatchObject({ status: 'degraded', database: 'other_server' });
  expect(await countPayments(copy)).toBe(before);
  const [{ count }] = await ask(
    copy,
    'select count(*)::int as count from workers where heartbeat_at > (select max(created_at) from payments) + $1::interval',
    ['5 s'],
  );
  expect(count).toBe(0);
});

test('neither do commands of the command line, such as a discard', async () => {
  const tollgate = createTollgate({ DATABASE_URL: copy.databaseUrl });
  await ask(
    copy,
    `insert into payment_dlq (payment_id, user_id, reason, attempts) select id, user_id, 'refused', 1 from payments limit 1`,
  );
  for (const order of [
    ['dlq', 'discard', '--all', '--yes', '--because', 'x'],
    ['dlq', 'redrive', '--all', '--yes'],
  ]) {
    const refused = await tollgate.run(order);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('npx tollgate rebase') });
  }
  expect(await ask(copy, 'select from payment_dlq where action is not null')).toEqual([]);
});

test('they go on once the address leads back', async () => {
  proxy.leadTo(source.databaseUrl);
  await recovery();
  await waitUntil('an API that is ready', async () => (await health()).status === 200);
});

test('sessions that remain at the old server are not used either, once one session has seen where the address leads', async () => {
  const before = await countPayments(source);
  proxy.leadTo(copy.databaseUrl);
  // More at once than there are sessions, so that new ones are opened.
  const answers = await waitUntil('new sessions', async () => {
    const burst = await Promise.all(Array.from({ length: 40 }, () => api.get(`/api/v1/users/${userId}`)));
    return burst.some(({ status }) => status === 503) && burst;
  });
  expect(answers.length).toBe(40);
  await refusal();
  const accepted = await countPayments(source);
  await Promise.all(Array.from({ length: 20 }, deposit));
  expect(await countPayments(source)).toBe(accepted);
  expect(accepted).toBeGreaterThanOrEqual(before);
});

test('a server without tables counts as unavailable, and not as a defect', async () => {
  proxy.leadTo(empty.databaseUrl);
  proxy.endSessions();
  await refusal();
  expect(await health()).toMatchObject({ status: 503, json: { database: 'other_server' } });
});

test('running processes go on with a copy that was made the ledger’s home', async () => {
  const tollgate = createTollgate({ DATABASE_URL: copy.databaseUrl });
  expect(await tollgate.run(['rebase', '--yes'])).toMatchObject({ code: 0 });
  proxy.leadTo(copy.databaseUrl);
  const before = await countPayments(copy);
  await recovery();
  expect(await countPayments(copy)).toBeGreaterThan(before);
});
