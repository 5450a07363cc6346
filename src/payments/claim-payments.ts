import { strict as assert } from 'node:assert';
import { claimTasks } from '../queue/claim-tasks.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { readInstructions } from './claim-payments.sql.ts';
import type { ClaimedPayment } from './claimed-payment.ts';

/**
 * Claims up to `limit` ready payments for a worker, with their attempt rows, and reads what the gateway must be told.
 * The claim commits by itself. A crash after it costs the lease's length and nothing else: the task is rescued, and the
 * next run asks the gateway before it sends.
 * @throws a database error; claims that were made all the same are rescued when their lease expires.
 */
export async function claimPayments(
  pool: Pool,
  request: { readonly worker: string; readonly limit: number; readonly leaseMs: number },
): Promise<ClaimedPayment[]> {
  failpoint('claim.before_begin');
  const tasks = await claimTasks(pool, request);
  if (tasks.length === 0) return [];
  failpoint('claim.after_commit');
  const instructions = await readInstructions(
    pool,
    tasks.map((task) => task.paymentId),
  );
  return tasks.map((task) => {
    const instruction = instructions.get(task.paymentId);
    assert(instruction, `task ${task.paymentId} has no payment`);
    return { ...instruction, task };
  });
}
