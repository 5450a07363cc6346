import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKnex, createPool } from '../../src/database/database.ts';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { runIntegrityCheck } from '../../src/integrity/run-integrity-check.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { selectSystemAccountSamples } from '../../src/ledger/sample-ledger.sql.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/local/postgres/embedded-postgres.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { createScriptedGateway } from '../builders/scripted-gateway.ts';
import { createTollgate } from '../cli/run-tollgate.ts';
import { startTestApi } from '../support/api-server.ts';
import { burnTransactionIds, copyDatabase } from '../support/copy-database.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil as waitUntilWithin } from '../support/wait-until.ts';

const REFUSAL = /npx tollgate rebase$/;
/** Far more than the new server has handed out when the dump is loaded into it. */
const OLD_IDS = 20_000;

let source: TestDatabase;
let folder: string;
let server: EmbeddedPostgres;
let target: TestDatabase;

beforeEach(async () => {
  source = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-restore-'));
  chmodSync(folder, 0o755);
  server = await startEmbeddedPostgres({
    dataFolder: path.join(folder, 'postgres'),
    settings: { fsync: 'off' },
  });
  await migrateToLatest(server.databaseUrl);
  const config = testConfig({ APP_NAME: 'look' });
  const pool = createPool(server.databaseUrl, config, 'test', () => {});
  const knex = createKnex(server.databaseUrl, config, 'test');
  target = {
    databaseUrl: server.databaseUrl,
    ownerUrl: server.databaseUrl,
    pool,
    knex,
    close: async () => {
      await Promise.all([pool.end(), knex.destroy()]);
    },
  };
});
afterEach(async () => {
  await target.close();
  await server.stop('immediate');
  rmSync(folder, { recursive: true, force: true });
  await source.close();
});

const waitUntil = <T>(what: string, happens: Parameters<typeof waitUntilWithin<T>>[1]) =>
  waitUntilWithin(what, happens, { deadlineMs: 30_000 });

const check = (database: TestDatabase) =>
  runIntegrityCheck(database.pool, { runMs: 10_000, stepRows: 1000, reviewRows: 100_000, graceMs: 0 });

async function standing(database: TestDatabase) {
  const { rows } = await database.pool.query('select * from integrity_violations where resolved_at is null');
  return rows;
}

/** Carries out all that is in the queue. */
async function work(database: TestDatabase): Promise<void> {
  const world = createPaymentWorld(database);
  const worker = world.worker(createScriptedGateway().gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
}

/** Money that moved and was folded and checked, money that was not, and payments that wait. */
async function someHistory(database: TestDatabase): Promise<{ userId: bigint; openId: bigint }> {
  const world = createPaymentWorld(database);
  const userId = await world.user(100_000n);
  await world.accept(userId, { type: 'deposit', amountMinor: 10_000n });
  await world.accept(userId, { amountMinor: 2_000n });
  await work(database);
  await waitUntil('a first fold', async () => {
    await check(database);
    const { rows } = await database.pool.query(
      'select bool_and(folded_below > 0) as is_folded from accounts where user_id is null',
    );
    return rows[0].is_folded;
  });
  await world.accept(userId, { type: 'deposit', amountMinor: 5_000n });
  await work(database);
  const openId = await world.accept(userId, { amountMinor: 3_000n });
  return { userId, openId };
}

/** Everything that must be true of a ledger that is well. */
async function expectSound(database: TestDatabase): Promise<void> {
  await waitUntil('a folded and checked ledger', async () => {
    await foldSystemAccounts(database.pool);
    await check(database);
    const { rows } = await database.pool.query(
      `select bool_and(account.folded_below > entry.last and checkpoint.checked_below > entry.last) as is_through
       from accounts as account, integrity_checkpoint as checkpoint,
            (select max(written_by_xid) as last from ledger_entries) as entry
       where account.user_id is null`,
    );
    return rows[0].is_through;
  });
  expect(await createPaymentWorld(database).violations()).toEqual([]);
  expect(await standing(database)).toEqual([]);
  for (const { foldLag } of await selectSystemAccountSamples(database.pool))
    expect(foldLag).toBeGreaterThanOrEqual(0);
  const { rows } = await database.pool.query(
    `select account.kind, account.posted, sum(entry.amount)::bigint as entries
     from accounts as account join ledger_entries as entry on entry.account_id = account.id
     where account.user_id is null group by account.id order by account.id`,
  );
  for (const { posted, entries } of rows) expect(posted).toBe(entries);
}

test('a dump that is loaded into another server is refused until it is rebased, and then everything works', async () => {
  await burnTransactionIds(source.databaseUrl, OLD_IDS);
  const { userId, openId } = await someHistory(source);
  await copyDatabase(source.databaseUrl, target.databaseUrl);
  const settings = { DATABASE_URL: target.databaseUrl };
  const config = testConfig(settings);

  await expect(startTestApi(target.databaseUrl)).rejects.toThrow(REFUSAL);
  await expect(startWorker(config, createLogger(config, 'worker'))).rejects.toThrow(REFUSAL);
  await expect(foldSystemAccounts(target.pool)).rejects.toThrow(REFUSAL);
  await expect(check(target)).rejects.toThrow(REFUSAL);
  const tollgate = createTollgate(settings);
  const doctor = await tollgate.run(['doctor']);
  expect(doctor.output).toMatch(/^fail +ledger clock .*\n +-> .*npx tollgate rebase/m);
  const refused = await tollgate.run(['reconcile']);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.errors).toMatch(/npx tollgate rebase/);

  // Those that were refused close their connections when their process ends; here they live in the test's.
  await target.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tollgate-%'`,
  );
  expect(await tollgate.run(['rebase'])).toMatchObject({ code: 64, output: '' });
  const rebased = await tollgate.run(['rebase', '--yes', '--by', 'ana']);
  expect(rebased).toMatchObject({ code: 0, errors: '' });
  expect(rebased.output).toMatch(/You can start APIs and workers now/);
  expect((await tollgate.json(['rebase', '--yes'])).kind).toBe('same_server');
  const { rows: clock } = await target.pool.query('select rebased_by, xid_offset from ledger_clock');
  expect(clock).toEqual([{ rebased_by: 'ana', xid_offset: expect.any(BigInt) }]);

  const api = await startTestApi(target.databaseUrl);
  const accepted = await api.post('/api/v1/payments/deposit', { user_id: Number(userId), deposit: 7 });
  expect(accepted.status).toBe(202);
  await work(target);
  const world = createPaymentWorld(target);
  expect((await world.payment(openId)).status).toBe('success');
  expect((await world.payment(BigInt(accepted.json.payment_id))).status).toBe('success');
  await expectSound(target);

  // The new server's ids climb past the old ones: nothing is left out and nothing counts twice.
  await burnTransactionIds(target.databaseUrl, OLD_IDS * 2);
  for (let count = 0; count < 3; count += 1) {
    await world.accept(userId, { type: 'deposit', amountMinor: 900n });
    await work(target);
    await foldSystemAccounts(target.pool);
  }
  await expectSound(target);
  await api.stop();
}, 240_000);

test('entries that were written on the new server before the rebase are counted once', async () => {
  await burnTransactionIds(source.databaseUrl, OLD_IDS);
  const { userId } = await someHistory(source);
  await copyDatabase(source.databaseUrl, target.databaseUrl);
  const world = createPaymentWorld(target);
  await world.accept(userId, { type: 'deposit', amountMinor: 1_000n });
  await work(target);
  const tollgate = createTollgate({ DATABASE_URL: target.databaseUrl });
  expect(await tollgate.run(['rebase', '--yes'])).toMatchObject({ code: 0 });
  await expectSound(target);
});

test('a copy that was folded far behind, and one whose entries are beyond its marks, are counted once', async () => {
  await burnTransactionIds(source.databaseUrl, OLD_IDS);
  const world = createPaymentWorld(source);
  const userId = await world.user(100_000n);
  await world.accept(userId, { type: 'deposit', amountMinor: 10_000n });
  await work(source);
  await copyDatabase(source.databaseUrl, target.databaseUrl);
  // Nothing was ever folded or checked, so only the server's name tells that the ids are foreign.
  await target.pool.query('update accounts set folded_below = 0 where user_id is null');
  const tollgate = createTollgate({ DATABASE_URL: target.databaseUrl });
  expect(await tollgate.run(['rebase', '--yes'])).toMatchObject({ code: 0 });
  await createPaymentWorld(target).accept(userId, { type: 'deposit', amountMinor: 500n });
  await work(target);
  await expectSound(target);
});

test('new rows get unused ids, even if sequences were not copied', async () => {
  const { userId } = await someHistory(source);
  await copyDatabase(source.databaseUrl, target.databaseUrl);
  await target.pool.query(
    `select setval('payments_id_seq', 1, false), setval('ledger_transactions_id_seq', 1)`,
  );
  const tollgate = createTollgate({ DATABASE_URL: target.databaseUrl });
  const { code, output } = await tollgate.run(['rebase', '--yes']);
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringMatching(/Ids of payments continue after \d/),
  });
  await createPaymentWorld(target).accept(userId, { type: 'deposit', amountMinor: 500n });
  await work(target);
  await expectSound(target);
});

test('a rebase does not wait: while others are connected it is refused, and names them', async () => {
  await someHistory(source);
  await copyDatabase(source.databaseUrl, target.databaseUrl);
  const writer = createPool(target.databaseUrl, testConfig(), 'worker', () => {});
  await writer.query('select 1');
  const tollgate = createTollgate({ DATABASE_URL: target.databaseUrl });
  const { code, errors } = await tollgate.run(['rebase', '--yes']);
  await writer.end();
  expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(/tollgate-worker \(1\)/) });
  const { rows } = await target.pool.query('select rebased_at from ledger_clock');
  expect(rows).toEqual([{ rebased_at: null }]);
});

test("after an upgrade in place, which keeps the ids and changes the server's identifier, the offset stays", async () => {
  await someHistory(source);
  await source.pool.query('update ledger_clock set system_identifier = 1');
  await expect(startTestApi(source.databaseUrl)).rejects.toThrow(REFUSAL);
  await source.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'tollgate-%'`,
  );
  const before = await source.pool.query('select xid_offset from ledger_clock');
  // The test's own connections carry the product's name, so the command gets another one to look for.
  const tollgate = createTollgate({
    DATABASE_URL: source.databaseUrl,
    MIGRATION_DATABASE_URL: source.ownerUrl,
    APP_NAME: 'other',
  });
  expect(await tollgate.run(['rebase', '--yes'])).toMatchObject({ code: 0 });
  expect((await source.pool.query('select xid_offset from ledger_clock')).rows).toEqual(before.rows);
  await work(source);
  await expectSound(source);
});
