import { createPool, type Queryable, type Transaction } from '../../src/database/database.ts';
import { readInstructions } from '../../src/payments/attempt/claim-payments.sql.ts';
import { lockFreePayments, updateConcluded } from '../../src/payments/conclude/conclude-payments.sql.ts';
import type { Conclusion } from '../../src/payments/conclude/conclusion.ts';
import { claimDueInquiries } from '../../src/payments/unknown/ask-about-unknown.sql.ts';
import { claimTasksInTurn } from '../../src/queue/claim-in-turn.sql.ts';
import { claimRescuedTasks } from '../../src/queue/claim-rescued.sql.ts';
import { claimTasks } from '../../src/queue/claim-tasks.sql.ts';
import { closeAttempts, lockTasks, removeTasks, retryTasks } from '../../src/queue/finish-tasks.sql.ts';
import { releaseTasks, renewLeases } from '../../src/queue/leases.sql.ts';
import {
  abandonAttempts,
  findExpiredRuns,
  lockExpiredRuns,
  rescueTasks,
} from '../../src/queue/rescue-tasks.sql.ts';
import type { RunId } from '../../src/queue/task.ts';
import { testConfig } from '../support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/*
 * A statement of the hot path finds each row of a batch by an index, whatever the size of the batch and of the table, whether statistics are
 * there or not, and with every way of planning that DATABASE_PLAN_CACHE_MODE has (decision 19).
 */

const ROW_COUNT = 20_000;
const BATCHES = [1, 50, 500];
const TABLES = 'payments|payment_tasks|payment_attempts|payment_inquiries';
const WHOLE_TABLES = new RegExp(`Seq Scan on (${TABLES})|Hash \\w*\\s?Join|Merge \\w*\\s?Join`);

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // Statistics are there when a test says so.
  for (const table of TABLES.split('|'))
    await database.pool.query(`alter table ${table} set (autovacuum_enabled = off)`);
  await database.pool.query(`
    insert into payments (user_id, wallet_id, type, amount, fee, currency, status, reference)
      select n % 500, 1, 'deposit', 500, 10, 'USD', 'new', n || '-x' from generate_series(1, ${ROW_COUNT}) as n;
    insert into payment_tasks (payment_id, user_id, state, run_lease, locked_by, lease_expires_at)
      select id, user_id, case when id % 20 = 0 then 'running' else 'ready' end, 5, case when id % 20 = 0 then 'w' end,
             case when id % 20 = 0 then now() + interval '1 minute' * case when id % 40 = 0 then 1 else -1 end end
      from payments;
    insert into payment_attempts (payment_id, user_id, run_lease, attempt, worker) select id, user_id, 5, 1, 'w' from payments;
    insert into payment_inquiries (payment_id, user_id, next_ask_at)
      select id, user_id, now() + interval '1 hour' * (id % 7) from payments;`);
});
afterAll(() => database.close());

/** Runs what a worker runs, and gives the statements that it was made of. */
async function statementsOfWorkers(session: Queryable): Promise<Statement[]> {
  const seen = new Map<string, Statement>();
  const recorder = {
    query(statement: Statement) {
      seen.set(statement.name, statement);
      return session.query(statement as never);
    },
  } as unknown as Transaction;
  const { rows: runs } = await session.query<RunId>(
    `select user_id as "userId", payment_id as "paymentId", run_lease as "runLease"
     from payment_tasks where locked_by is not null limit 50`,
  );
  const [first, second, third, fourth] = runs.map((run) => [run]);
  const report = {
    outcome: 'succeeded',
    inquiry: null,
    httpStatus: 200,
    errorClass: null,
    error: null,
    latencyMs: 1,
  } as const;
  const retry = {
    usesAttempt: true,
    delayMs: 1,
    unknown: 'kept',
    notFoundCount: 0,
    hasCounted: false,
  } as const;
  const claim = { worker: 'w', limit: 50, leaseMs: 1000 };
  await lockTasks(recorder, runs);
  await retryTasks(
    recorder,
    first!.map((run) => ({ ...run, ...retry, turnedAwayCount: 0, lastError: null })),
  );
  await removeTasks(recorder, second!);
  await closeAttempts(
    recorder,
    runs.map((run) => ({ ...run, report })),
  );
  await renewLeases(recorder, runs, 1000);
  await releaseTasks(recorder, third!);
  await lockExpiredRuns(recorder, await findExpiredRuns(recorder, 500));
  await rescueTasks(recorder, fourth!);
  await abandonAttempts(recorder, runs);
  await claimTasks(recorder, { ...claim, readySince: null });
  await claimTasks(recorder, { ...claim, readySince: null, gatewayName: 'bank' });
  await claimTasksInTurn(recorder, { ...claim, afterUserId: 0n, exceptUserIds: [1n], maxSteps: 200 });
  await claimRescuedTasks(recorder, { ...claim, minRescues: 1, maxRescues: 3 });
  await readInstructions(recorder, runs);
  await lockFreePayments(
    recorder,
    runs.map((run) => run.paymentId),
  );
  await updateConcluded(
    recorder,
    runs.map(
      (run) =>
        ({ payment: run, status: 'success', attempts: 1, gatewayReference: 'g' }) as unknown as Conclusion,
    ),
  );
  await claimDueInquiries(recorder as never, { limit: 10, claimMs: 1 });
  await claimDueInquiries(recorder as never, { limit: 10, claimMs: 1, gatewayName: 'bank' });
  return [...seen.values()];
}

/** The same statement for a batch of another size. */
const valuesFor = (values: readonly unknown[], size: number) =>
  values.map((value) =>
    Array.isArray(value) && value.length > 0
      ? Array.from({ length: size }, (_, index) => value[index % value.length])
      : value,
  );

test.each(['without statistics', 'with statistics'])('no statement scans a whole table, %s', async (when) => {
  if (when === 'with statistics') await database.pool.query('analyze');
  const pool = createPool(database.ownerUrl, testConfig(), 'plans', () => {});
  const session = await pool.connect();
  try {
    await session.query('begin');
    const statements = await statementsOfWorkers(session);
    await session.query('rollback');
    expect(statements.length).toBeGreaterThan(15);
    const found: string[] = [];
    const look = async (name: string, explained: Promise<{ rows: Record<string, string>[] }>) => {
      for (const { 'QUERY PLAN': line = '' } of (await explained).rows)
        if (WHOLE_TABLES.test(line)) found.push(`${name}: ${line.trim()}`);
    };
    for (const { name, text, values } of statements) {
      await look(`${name}, generic`, session.query(`explain (generic_plan) ${text}`));
      await session.query('set plan_cache_mode = force_custom_plan');
      for (const size of BATCHES)
        await look(`${name}, ${size}`, session.query(`explain ${text}`, valuesFor(values, size)));
    }
    expect(found).toEqual([]);
  } finally {
    session.release(true);
    await pool.end();
  }
});
