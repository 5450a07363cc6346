import type { Pool } from '../../src/database/database.ts';
import { inTransaction } from '../../src/database/transactions/transaction.ts';
import { deleteHolds } from '../../src/holds/holds.sql.ts';
import { insertPostings } from '../../src/ledger/post-to-ledger.sql.ts';
import { sumBalanceChanges } from '../../src/ledger/posting.ts';
import { updateConcluded } from '../../src/payments/conclude/conclude-payments.sql.ts';
import { claimTasks } from '../../src/queue/claim-tasks.sql.ts';
import { closeAttempts, removeTasks } from '../../src/queue/finish-tasks.sql.ts';
import type { PreparedPayment } from './floor-payments.ts';

const REPORT = {
  outcome: 'succeeded',
  inquiry: null,
  httpStatus: 200,
  errorClass: null,
  error: null,
  latencyMs: 0,
} as const;
const LEASE_MS = 30_000;

/**
 * Runs the statements of one claim and one settlement, the same as the worker's and in the same order.
 * @returns how many payments were settled; 0 when none was left.
 */
export async function claimAndSettle(
  pool: Pool,
  {
    batchSize,
    payments,
  }: { readonly batchSize: number; readonly payments: ReadonlyMap<bigint, PreparedPayment> },
): Promise<number> {
  const tasks = await claimTasks(pool, {
    worker: 'floor',
    limit: batchSize,
    leaseMs: LEASE_MS,
    readySince: null,
  });
  if (tasks.length === 0) return 0;
  const prepared = tasks.map((task) => payments.get(task.paymentId) as PreparedPayment);
  const postings = prepared.map(({ posting }) => posting);
  const holds = prepared.flatMap(({ hold }) => hold ?? []);

  await inTransaction(pool, async (transaction) => {
    await removeTasks(transaction, tasks);
    await updateConcluded(
      transaction,
      prepared.map(({ conclusion }) => conclusion),
    );
    const released = holds.map((hold) => ({ ...hold, amountMinor: -hold.amountMinor }));
    await insertPostings(transaction, postings, sumBalanceChanges(postings, released));
    await deleteHolds(transaction, holds);
    await closeAttempts(
      transaction,
      tasks.map((task) => ({ ...task, report: REPORT })),
    );
  });
  return tasks.length;
}
