import { strict as assert } from 'node:assert';
import type { Pool } from '../../database/database.ts';
import { findSystemAccounts } from '../../ledger/system-accounts.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { releaseTasks } from '../../queue/leases.sql.ts';
import type { ClaimedTask } from '../../queue/task.ts';
import { createTaskClaimer, type TaskClaimer } from '../../queue/task-claimer.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { readInstructions } from './claim-payments.sql.ts';

/** Claims payments for one worker; see `createTaskClaimer` for what it takes first. */
export interface PaymentClaimer {
  /**
   * Claims up to `limit` ready payments with their attempt rows, and reads what the gateway must be told.
   * The claim commits by itself. A crash after it costs the lease's length and nothing else: the task is rescued, and the
   * next run asks the gateway before it sends.
   * @throws a database error, or an error about a currency that is kept with another scale than ours; claims that were made all the same are rescued when their lease expires.
   */
  claim(limit: number): Promise<ClaimedPayment[]>;
  /** The same for payments whose worker was lost before; few at a time, because one of them may be why. */
  claimRescued(request: Parameters<TaskClaimer['claimRescued']>[0]): Promise<ClaimedPayment[]>;
  /** Lets the next claim look at all payments, because some were given back that became ready long ago. */
  lookAtAll(): void;
}

export function createPaymentClaimer({
  pool,
  worker,
  leaseMs,
}: {
  readonly pool: Pool;
  readonly worker: string;
  readonly leaseMs: number;
}): PaymentClaimer {
  const tasks = createTaskClaimer({ queryable: pool, worker, leaseMs });
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
 * A claim has committed by now: when what it needs cannot be read, it is given back, for another worker to take at once. Where
 * that fails, too, the tasks are rescued when their lease ends.
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
  const instructions = await readInstructions(
    pool,
    tasks.map((task) => task.paymentId),
  );
  // A call carries its amount as a decimal, written with the scale that it was stored with or not at all. Remembered after the first.
  const currencies = new Set([...instructions.values()].map(({ currency }) => currency));
  for (const currency of currencies) await findSystemAccounts(pool, currency);
  return tasks.map((task) => {
    const instruction = instructions.get(task.paymentId);
    assert(instruction, `task ${task.paymentId} has no payment`);
    return { ...instruction, task };
  });
}
