import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createKnex, createListKnex, createPool } from '../../src/database/database.ts';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { SHARED_SESSIONS } from '../../src/database/sessions/own-sessions.ts';
import { startGatewayMock } from '../../src/gateway-mock/start-gateway-mock.ts';
import { createLogger } from '../../src/telemetry/logging.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { createTollgate } from '../cli/run-tollgate.ts';
import { startTestApi } from '../support/api-server.ts';
import { ROOT } from '../support/monitoring-files.ts';
import { findPgBouncer, type RunningPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { waitUntil } from '../support/wait-until.ts';

const PASSED_OVER =
  'extra_float_digits, options, statement_timeout, lock_timeout, idle_in_transaction_session_timeout';

test('the documentation gives the settings that are tested', () => {
  const page = readFileSync(path.join(ROOT, 'docs', 'operating.md'), 'utf8');
  expect(page).toContain(`pool_mode = session\nignore_startup_parameters = ${PASSED_OVER}\n`);
});

const isInstalled = findPgBouncer() !== undefined;
if (!isInstalled) {
  process.stderr.write(
    'Skipped: Tollgate behind a real PgBouncer, because it is not installed here (Debian: apt-get install pgbouncer).\n',
  );
}
// Where everything must run, what is missing is a failure.
const suite = isInstalled || process.env.CI === 'true' ? describe : describe.skip;

let database: TestDatabase;
let pgBouncer: RunningPgBouncer | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await pgBouncer?.stop();
  pgBouncer = undefined;
});
afterAll(() => database.close());

async function putBetween(settings: Record<string, string>): Promise<string> {
  pgBouncer = await startPgBouncer(database.databaseUrl, settings);
  return pgBouncer.url;
}

async function startWorkerOn(databaseUrl: string, settings: Record<string, string> = {}) {
  const config = testConfig({ DATABASE_URL: databaseUrl, ...settings });
  return await startWorker(config, createLogger(config, 'worker'));
}

const countAdvisoryLocks = async () => {
  const { rows } = await database.pool.query(
    `select count(*)::int as count from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows[0].count;
};

suite('behind a PgBouncer that works by transaction or by statement', () => {
  test.each([
    ['transaction', '1'],
    ['transaction', '8'],
    ['statement', '8'],
  ])(
    'pool_mode = %s, %s connections: nothing starts, and one sentence says what is needed',
    async (mode, size) => {
      const url = await putBetween({
        pool_mode: mode,
        default_pool_size: size,
        ignore_startup_parameters: PASSED_OVER,
      });
      await expect(startTestApi(url)).rejects.toThrow(SHARED_SESSIONS);
      await expect(startWorkerOn(url)).rejects.toThrow(SHARED_SESSIONS);
    },
  );

  test('no command does anything, and none leaves a lock on a shared session', async () => {
    const url = await putBetween({ pool_mode: 'transaction', ignore_startup_parameters: PASSED_OVER });
    const { run } = createTollgate({ DATABASE_URL: url });
    await expect(migrateToLatest(url)).rejects.toThrow(SHARED_SESSIONS);
    const results = await Promise.all([run(['dlq', 'list']), run(['rebase', '--yes'])]);
    for (const { code, errors } of results) {
      expect(code).not.toBe(0);
      expect(errors).toContain(SHARED_SESSIONS);
    }
    expect(await countAdvisoryLocks()).toBe(0);
  });

  test('doctor says so', async () => {
    const url = await putBetween({ pool_mode: 'transaction', ignore_startup_parameters: PASSED_OVER });
    const { code, checks } = await createTollgate({ DATABASE_URL: url }).json(['doctor']);
    expect(code).not.toBe(0);
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'sessions', verdict: 'fail', advice: SHARED_SESSIONS }),
    );
  });
});

suite('behind a PgBouncer that works by session', () => {
  const bySession = { pool_mode: 'session', default_pool_size: '50', ignore_startup_parameters: PASSED_OVER };

  test("refuses our session's startup options: the start ends at once and says what to set", async () => {
    const url = await putBetween({ pool_mode: 'session' });
    const sentence = `in PgBouncer set pool_mode = session and ignore_startup_parameters = ${PASSED_OVER}`;
    await expect(startTestApi(url)).rejects.toThrow(sentence);
    expect((await createTollgate({ DATABASE_URL: url }).run(['dlq', 'list'])).errors).toContain(sentence);
  });

  test('sessions have their settings although PgBouncer did not pass them on', async () => {
    const url = await putBetween(bySession);
    const config = testConfig({ DATABASE_LOCK_TIMEOUT_SECONDS: '1.5', DATABASE_LIST_TIMEOUT_SECONDS: '0.7' });
    const pool = createPool(url, config, 'test', () => {});
    const knexes = [createKnex(url, config, 'test'), createListKnex(url, config, 'test')];
    const query = `select current_setting('lock_timeout') as "lock", current_setting('statement_timeout') as "statement",
      current_setting('idle_in_transaction_session_timeout') as "idle", current_setting('enable_seqscan') as "scans"`;
    const found = [(await pool.query(query)).rows[0]];
    for (const knex of knexes) found.push((await knex.raw(query)).rows[0]);
    await Promise.all([pool.end(), ...knexes.map((knex) => knex.destroy())]);
    expect(found).toEqual([
      { lock: '1500ms', statement: '10s', idle: '10s', scans: 'off' },
      { lock: '1500ms', statement: '10s', idle: '10s', scans: 'on' },
      { lock: '1500ms', statement: '700ms', idle: '700ms', scans: 'off' },
    ]);
  });

  test('payments are accepted and settled, and workers are woken', async () => {
    const url = await putBetween(bySession);
    const mockConfig = testConfig({
      GATEWAY_MOCK_TIMEOUT_RATE: '0',
      GATEWAY_MOCK_ERROR_RATE: '0',
      GATEWAY_MOCK_LATENCY_MEDIAN_SECONDS: '0',
    });
    const mock = await startGatewayMock(mockConfig, createLogger(mockConfig, 'gateway-mock'));
    const api = await startTestApi(url);
    const worker = await startWorkerOn(url, {
      PAYMENT_GATEWAY_URL: `http://127.0.0.1:${mock.port}/mock-gateway`,
      // So long that only a wake-up can explain payments that are settled.
      WORKER_POLL_INTERVAL_SECONDS: '600',
      // A call that is given up on a busy machine would be made again at the next poll.
      GATEWAY_TIMEOUT_SECONDS: '20',
    });
    const listens = () =>
      database.pool.query(
        `select from pg_stat_activity where query ilike 'listen%' and datname = current_database()`,
      );
    await waitUntil('a worker that listens', async () => ((await listens()).rowCount ?? 0) > 0);
    const userId = await api.user();
    const send = () => api.post('/api/v1/payments/withdraw', { user_id: userId, amount: 1 });
    const answers = await Promise.all(Array.from({ length: 40 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(202));
    const world = createPaymentWorld(database);
    await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0, {
      deadlineMs: 60_000,
    });
    expect(await world.violations()).toEqual([]);
    const { checks } = await createTollgate({ DATABASE_URL: url }).json(['doctor']);
    expect(checks).toContainEqual(expect.objectContaining({ name: 'sessions', verdict: 'ok' }));
    await Promise.all([api.stop(), worker.stop()]);
    await mock.stop();
  });
});
