import { discardDeadLetter } from '../../src/dead-letters/discard-dead-letter.ts';
import { createDiscardGauges } from '../../src/dead-letters/discard-gauges.ts';
import { createHistoryGauges } from '../../src/payments/history/history-gauges.ts';
import { recordRestore } from '../../src/payments/history/record-restore.ts';
import { closeDifference } from '../../src/reconciliation/close-difference.ts';
import { createReconciliationGauges } from '../../src/reconciliation/reconciliation-gauges.ts';
import { createRegistry, type Registry } from '../../src/telemetry/metrics.ts';
import type { Sampler } from '../../src/telemetry/sampling.ts';
import { makeDeadLetters } from '../builders/dead-letters.ts';
import { createPaymentWorld } from '../builders/payment-world.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database.close());

/** Reads a gauge as a process does that did not do the work itself. */
function watch(
  create: (options: { pool: TestDatabase['pool']; registry: Registry }) => Sampler,
  name: string,
) {
  const registry = createRegistry();
  const sample = create({ pool: database.pool, registry });
  return async () => {
    await sample();
    return (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
  };
}

test('every process counts the dead letters that people discard, once each', async () => {
  const readCount = watch(createDiscardGauges, 'tollgate_dead_letters_discarded');
  const ids = await makeDeadLetters(database, createPaymentWorld(database), { count: 3 });
  expect(await readCount()).toBe(0);
  for (const id of [ids[0], ids[1], ids[1]])
    await discardDeadLetter(database.pool, { id: id as bigint, by: 'ana', reason: 'paid in cash' });
  expect(await readCount()).toBe(2);
});

test('every process counts the differences that people close, once each', async () => {
  const readCount = watch(createReconciliationGauges, 'tollgate_reconciliation_exceptions_closed');
  const { rows } = await database.pool.query<{ id: bigint }>(
    `insert into reconciliation_differences (reference, kind, source, dedupe_key)
     values ('r1', 'missing_here', 'report', 'one'), ('r2', 'missing_here', 'report', 'two')
     returning id`,
  );
  expect(await readCount()).toBe(0);
  const id = rows[0]?.id as bigint;
  for (const by of ['ana', 'bob'])
    await closeDifference(database.pool, { id, by, reason: 'they reversed it' });
  expect(await readCount()).toBe(1);
});

test('every process shows when the history of the database was last cut', async () => {
  const readCutAt = watch(createHistoryGauges, 'tollgate_database_history_cut_timestamp_seconds');
  expect(await readCutAt()).toBe(0);
  const { rows } = await database.pool.query<{ seconds: number }>(
    'select extract(epoch from now())::float8 as seconds',
  );
  await recordRestore(database.pool);
  expect(await readCutAt()).toBeGreaterThanOrEqual(Math.floor(rows[0]?.seconds as number));
});
