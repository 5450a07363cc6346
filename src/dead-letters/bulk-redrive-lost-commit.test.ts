import { createPaymentWorld, type PaymentWorld } from '../../test/builders/payment-world.ts';
import { answers, createScriptedGateway } from '../../test/builders/scripted-gateway.ts';
import { runBulkRedriveSlice } from '../../test/support/bulk-redrive-slice.ts';
import { createDatabaseProxy, type DatabaseProxy, isCommit } from '../../test/support/database-proxy.ts';
import { testConfig } from '../../test/support/test-config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/support/test-database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createPool, type Pool } from '../database/database.ts';
import { CommitOutcomeUnknown } from '../database/transactions/commit-outcome.ts';
import { findBulkRedrive, insertBulkRedrive } from './bulk-redrives.sql.ts';

/*
 * A redrive of many whose database is lost during the COMMIT of one letter, and stays away for longer than anybody asks what became
 * of it. It must neither redrive a letter twice nor lose count.
 */

let database: TestDatabase;
let world: PaymentWorld;
let proxy: DatabaseProxy;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  world = createPaymentWorld(database);
  proxy = await createDatabaseProxy(database.databaseUrl);
  pool = createPool(proxy.url, testConfig(), 'bulk', () => {});
});
afterEach(async () => {
  await database.pool.query('delete from bulk_redrives; delete from payment_dlq; delete from payment_tasks');
  expect(await world.violations()).toEqual([]);
});
afterAll(async () => {
  await pool.end();
  await proxy.cut();
  await database.close();
});

/** Withdrawals that failed, whose holds were released, with their letters. */
async function makeLetters(count: number): Promise<bigint[]> {
  const scripted = createScriptedGateway();
  scripted.answerSends(() => answers.refused);
  const userId = await world.user();
  for (let made = 0; made < count; made += 1) await world.accept(userId);
  const worker = world.worker(scripted.gateway);
  worker.start();
  await waitUntil('an empty queue', async () => (await world.count('payment_tasks')) === 0);
  await worker.stop(1000);
  const { rows } = await database.pool.query('select payment_id as id from payment_dlq order by id');
  return rows.map(({ id }) => id);
}

async function redrivenFrom(paymentIds: readonly bigint[]): Promise<number[]> {
  const { rows } = await database.pool.query(
    `select (select count(*)::int from payments where redrive_of = failed.id) as count
     from unnest($1::bigint[]) as failed (id)`,
    [paymentIds],
  );
  return rows.map(({ count }) => count);
}

/** The database goes away during the second letter's COMMIT. */
function loseSecondCommit(verdict: 'cut' | 'cut-after-answer'): void {
  let commits = 0;
  let isAway = false;
  proxy.decide((sent) => {
    if (isAway) return 'cut';
    if (!isCommit(sent)) return 'pass';
    commits += 1;
    if (commits < 2) return 'pass';
    isAway = true;
    return verdict;
  });
}

test.each([
  ['was written', 'cut-after-answer', [1, 1, 0]],
  ['was not written', 'cut', [1, 0, 0]],
] as const)(
  'a letter whose COMMIT is lost and %s is redriven and counted once',
  async (_what, verdict, halfway) => {
    const paymentIds = await makeLetters(3);
    const request = { filter: {}, perSecond: 100, by: 'ana', reason: 'the gateway is back' };
    const { id } = await insertBulkRedrive(database.pool, request);
    const failed: unknown[] = [];
    const runSlice = () =>
      runBulkRedriveSlice(pool, {
        onLetterFailed: (_id, error) => void failed.push(error),
        clock: { now: () => 0, wait: async () => {} },
        claimMs: 60_000,
      });

    loseSecondCommit(verdict);
    await expect(runSlice()).rejects.toBeInstanceOf(CommitOutcomeUnknown);
    expect(await redrivenFrom(paymentIds)).toEqual(halfway);
    expect(await findBulkRedrive(database.knex, id)).toMatchObject({ state: 'running', redrivenCount: 0 });

    proxy.reset();
    // Nobody takes it before the lease is over, whatever the first worker still does.
    expect(await runSlice()).toBeUndefined();
    await database.pool.query('update bulk_redrives set next_slice_at = now()');
    expect(await runSlice()).toMatchObject({ counts: { redriven: 3, skipped: 0 }, isLast: true });
    expect(await redrivenFrom(paymentIds)).toEqual([1, 1, 1]);
    expect(await findBulkRedrive(database.knex, id)).toMatchObject({
      state: 'done',
      totalCount: 3,
      redrivenCount: 3,
      skippedCount: 0,
      failedCount: 0,
    });
    expect(failed).toEqual([]);
  },
  180_000,
);
