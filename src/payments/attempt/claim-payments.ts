import { strict as assert } from 'node:assert';
import type { Pool } from '../../database/database.ts';
import { findSystemAccounts } from '../../ledger/system-accounts.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { releaseTasks } from '../../queue/leases.sql.ts';
import type { ClaimedTask } from '../../queue/task.ts';
import { createTaskClaimer, type TaskClaimer } from '../../queue/task-claimer.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { readInstructions } from './claim-payments.sql.ts';

/** Claims payments for one worker; `createTaskClaimer` says which come first. */
export interface PaymentClaimer {
  /**
   * Claims up to `limit` ready payments with their attempt rows, and reads what the gateway needs to know. The claim commits separately. A
   * crash after it only costs the length of the lease: the task is rescued, and the next run asks the gateway before it sends.
   * @throws a database error, or an error about a currency whose stored scale differs from ours. Claims that were made nevertheless are
   * rescued when their lease expires.
   */
  claim(limit: number): Promise<ClaimedPayment[]>;
  /** The same for payments whose worker was lost before; only a few at a time, because one of them may be the cause. */
  claimRescued(request: Parameters<TaskClaimer['claimRescued']>[0]): Promise<ClaimedPayment[]>;
  /** Makes the next claim look at all payments, because some were given back that became ready long ago. */
  lookAtAll(): void;
}

export function createPaymentClaimer({
  pool,
  worker,
  leaseMs,
  gatewayName = null,
}: {
  readonly pool: Pool;
  readonly worker: string;
  readonly leaseMs: number;
  /** Only payments of this gateway are claimed; null or left out: of the one without a name. */
  readonly gatewayName?: string | null;
}): PaymentClaimer {
  const tasks = createTaskClaimer({ queryable: pool, worker, leaseMs, gatewayName });
  return {
    async claim(limit) {
      failpoint('claim.before_begin');
      return await withInstructions(pool, await tasks.claim(limit));
    },
    async claimRescued(request) {
      failpoint('claim.before_begin');
      return await withInstructions(pool, await tasks.claimRescued(request));
    },
    lookAtAll: tasks.lookAtAll,
  };
}

/**
 * The claim has already committed. If its data cannot be read, the tasks are given back, so that another worker can take them at once; if
 * that fails too, they are rescued when their lease ends.
 */
async function withInstructions(pool: Pool, tasks: readonly ClaimedTask[]): Promise<ClaimedPayment[]> {
  if (tasks.length === 0) return [];
  failpoint('claim.after_commit');
  try {
    return await readClaimed(pool, tasks);
  } catch (error) {
    await releaseTasks(pool, tasks).catch(() => {});
    throw error;
  }
}

async function readClaimed(pool: Pool, tasks: readonly ClaimedTask[]): Promise<ClaimedPayment[]> {
  const instructions = await readInstructions(pool, tasks);
  // A call carries its amount as a decimal, which must have the scale that it was stored with. Checked once for each currency.
  const currencies = new Set([...instructions.values()].map(({ currency }) => currency));
  for (const currency of currencies) await findSystemAccounts(pool, currency);
  return tasks.map((task) => {
    const instruction = instructions.get(task.paymentId);
    assert(instruction, `task ${task.paymentId} has no payment`);
    return { ...instruction, task };
  });
}
