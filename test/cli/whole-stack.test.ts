import pg from 'pg';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startTestApi } from '../support/api-server.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createTollgate } from './run-tollgate.ts';

interface Check {
  readonly name: string;
  readonly verdict: string;
  readonly detail: string;
  readonly advice: string | null;
}

let database: TestDatabase;
let mock: Awaited<ReturnType<typeof startGatewayMock>>;
let tollgate: ReturnType<typeof createTollgate>;

beforeAll(async () => {
  database = await createTestDatabase();
  const config = testConfig({ GATEWAY_MOCK_TIMEOUT_RATE: '0', GATEWAY_MOCK_ERROR_RATE: '0' });
  mock = await startGatewayMock(config, createLogger(config, 'gateway-mock'));
  tollgate = createTollgate({
    DATABASE_URL: database.databaseUrl,
    PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
    GATEWAY_TIMEOUT_SECONDS: '10',
    RECONCILIATION_GRACE_SECONDS: '0',
  });
});
afterAll(async () => {
  await mock.stop();
  await database.close();
});

async function examine(): Promise<{ readonly code: number; readonly checks: Map<string, Check> }> {
  const { code, checks } = await tollgate.json(['doctor']);
  return { code, checks: new Map(checks.map((check: Check) => [check.name, check])) };
}

/** An empty database beside the migrated one; the test drops it with the server. */
async function createEmptyDatabase(): Promise<string> {
  const url = new URL(database.ownerUrl);
  const name = `${url.pathname.slice(1)}_empty`;
  await database.pool.query(`create database ${name}`);
  url.pathname = `/${name}`;
  return url.toString();
}

test('the doctor checks everything, and reports what the test server really lacks', async () => {
  const { code, checks } = await examine();
  // Tests run without fsync, for speed; that is what the doctor must not let pass.
  expect(checks.get('durability')).toMatchObject({
    verdict: 'fail',
    advice: expect.stringContaining('fsync'),
  });
  expect(code).toBe(1);
  const fine = [
    'settings',
    'database',
    'database version',
    'clock',
    'migrations',
    'autovacuum',
    'dead tuples',
  ];
  for (const name of [...fine, 'oldest snapshot', 'pools', 'gateway'])
    expect(checks.get(name)).toMatchObject({ verdict: 'ok', advice: null });
  expect(checks.get('worker')).toMatchObject({ verdict: 'warn' });

  const table = await tollgate.run(['doctor']);
  expect(table.code).toBe(1);
  expect(table.output).toMatch(/^ok +migrations +none pending$/m);
  expect(table.output).toMatch(/^fail +durability .*\n +-> Turn on fsync/m);
  expect(table.output).not.toMatch(/postgres(ql)?:\/\//);
});

test('the doctor finds tables that nobody vacuums, and a gateway that cannot be reached', async () => {
  await database.pool.query('alter table payment_tasks set (autovacuum_enabled = false)');
  expect((await examine()).checks.get('autovacuum')).toMatchObject({
    verdict: 'fail',
    advice: expect.stringContaining('payment_tasks'),
  });
  await database.pool.query('alter table payment_tasks reset (autovacuum_enabled)');
  const { code, output } = await tollgate.run(['doctor'], {
    PAYMENT_GATEWAY_URL: 'http://127.0.0.1:1/gateway',
  });
  expect(code).toBe(1);
  expect(output).toMatch(/^fail +gateway +127.0.0.1:1: /m);
});

test('the doctor finds a default isolation level that would make statements fail, and a server that is fenced off', async () => {
  const name = new URL(database.databaseUrl).pathname.slice(1);
  await database.pool.query(`alter database ${name} set default_transaction_isolation = 'serializable'`);
  expect((await examine()).checks.get('isolation')).toMatchObject({
    verdict: 'warn',
    detail: "read committed; a session's default: serializable",
  });
  await database.pool.query(`alter database ${name} reset default_transaction_isolation`);
  expect((await examine()).checks.get('isolation')).toMatchObject({ verdict: 'ok' });

  await database.pool.query(`alter database ${name} set default_transaction_read_only = on`);
  expect((await examine()).checks.get('role of the server')).toMatchObject({
    verdict: 'fail',
    detail: 'the primary, read-only',
  });
  await database.pool.query(`alter database ${name} reset default_transaction_read_only`);
});

test('the doctor finds that commits do not wait for the disk by default, although those of our own sessions do', async () => {
  const name = new URL(database.databaseUrl).pathname.slice(1);
  await database.pool.query(`alter database ${name} set synchronous_commit = off`);
  expect((await examine()).checks.get('durability')).toMatchObject({
    verdict: 'fail',
    detail: "fsync off, full_page_writes on, synchronous_commit on; a session's default: off",
  });
  await database.pool.query(`alter database ${name} reset synchronous_commit`);
});

test('a database without tables is not mistaken for one that is away, and migrate creates them', async () => {
  const DATABASE_URL = await createEmptyDatabase();
  const before = await tollgate.run(['dlq', 'list'], { DATABASE_URL });
  expect(before.code).toBe(1);
  expect(before.errors).toContain('Run: npx tollgate migrate');
  const examined = await tollgate.run(['doctor'], { DATABASE_URL });
  expect(examined.output).toMatch(/^fail +migrations +\d+ pending: 0001_/m);

  const ran = await tollgate.run(['migrate', '--json'], { DATABASE_URL });
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.output).ran[0]).toMatch(/^0001_/);
  const again = await tollgate.run(['migrate'], { DATABASE_URL });
  expect(again).toMatchObject({ code: 0, output: 'The database is up to date.\n' });
  expect((await tollgate.run(['dlq', 'list'], { DATABASE_URL })).code).toBe(0);
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query(`drop database ${new URL(DATABASE_URL).pathname.slice(1)} with (force)`);
  await client.end();
});

test('the exit code of reconcile says whether the two books agree', async () => {
  const clean = await tollgate.run(['reconcile']);
  expect(clean.code).toBe(0);
  expect(clean.output).toContain('Both books agree');
  await fetch(`http://127.0.0.1:${mock.port}/mock-gateway/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'not-ours' },
    body: '{"payment_id": 7, "user_id": 1, "amount": 200, "commission": 4, "type": "deposit", "currency": "USD"}',
  });
  expect(await tollgate.json(['reconcile'])).toMatchObject({
    code: 2,
    status: 'differences',
    differences: { missing_here: { found: 1, open: 1 } },
  });
});

test('the demo sends a mix of payments, and reports what became of them', async () => {
  const api = await startTestApi(database.databaseUrl);
  try {
    const args = ['demo', '--url', api.origin, '--seconds', '3', '--rate', '50', '--users', '3'];
    const tally = await tollgate.json(args);
    expect(tally).toMatchObject({ code: 0, failed: 0 });
    expect(tally.sent).toBe(tally.accepted + tally.replayed + tally.refused);
    expect(tally.sent).toBeGreaterThan(20);
    const count = async () =>
      (await database.pool.query('select count(*)::int as count from payments')).rows[0].count;
    const { rows } = await database.pool.query(
      'select type, count(*)::int from payments group by type order by type',
    );
    expect(rows.map(({ type }) => type)).toEqual(['deposit', 'withdraw']);

    const before = await count();
    const endless = tollgate.start(['demo', '--url', api.origin, '--json']);
    await waitUntil('more payments', async () => (await count()) > before, { deadlineMs: 60_000 });
    endless.child.kill('SIGINT');
    const stopped = await endless.ended;
    expect(stopped.code).toBe(0);
    expect(JSON.parse(stopped.output).sent).toBeGreaterThan(0);
  } finally {
    await api.stop();
  }
});
