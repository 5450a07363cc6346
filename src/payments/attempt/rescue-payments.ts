import type { Pool, Transaction } from '../../database/database.ts';
import { doTogetherOrApart } from '../../database/transactions/together-or-apart.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { removeTasks } from '../../queue/finish-tasks.sql.ts';
import {
  abandonAttempts,
  type ExpiredRun,
  findExpiredRuns,
  lockExpiredRuns,
  rescueTasks,
} from '../../queue/rescue-tasks.sql.ts';
import type { RunId } from '../../queue/task.ts';
import { countOf } from '../../text/plural.ts';
import { concludePayments } from '../conclude/conclude-payments.ts';
import { inquiryPauseMs } from '../unknown/inquiry-schedule.ts';
import { readInstructions } from './claim-payments.sql.ts';

export interface RescueResult {
  /** Tasks that any worker may take again. */
  readonly rescuedPaymentIds: readonly bigint[];
  /** Tasks that lost their worker too often and became dead letters with an unknown outcome. */
  readonly poisonedPaymentIds: readonly bigint[];
}

/** The most tasks in one sweep, however many have piled up. */
const SWEEP_LIMIT = 500;
/** The longest sweep, even if everything is locked. */
const SPLIT_MS = 10_000;
/** Task rows that others hold are skipped; other locks are not worth a long wait. */
const LOCK_WAIT_MS = 500;

export interface RescueOptions {
  readonly maxRescues: number;
  /** Called for each run that cannot be rescued, while the others are. The next sweep tries it again. */
  readonly onFailed?: (paymentId: bigint, error: unknown) => void;
}

/**
 * Takes over the tasks whose lease has expired. Any worker may do this at any time; concurrent sweeps skip each other's rows. A rescue does
 * not use up an attempt, but a task that keeps losing its worker ends as `poison` after `maxRescues`: its calls may have executed, so its
 * outcome is unknown, never failed. Runs are rescued together, or separately if one of them is refused, locked or slow.
 * @throws an error if the database is unavailable.
 */
export async function rescuePayments(
  pool: Pool,
  { maxRescues, onFailed = () => {} }: RescueOptions,
): Promise<RescueResult> {
  const rescuedPaymentIds: bigint[] = [];
  const poisonedPaymentIds: bigint[] = [];
  const expired = await findExpiredRuns(pool, SWEEP_LIMIT);
  await doTogetherOrApart(expired, {
    giveUpAtMs: performance.now() + SPLIT_MS,
    async run(runs) {
      const { rescued, poisoned } = await rescueTogether(pool, runs, maxRescues);
      rescuedPaymentIds.push(...rescued);
      poisonedPaymentIds.push(...poisoned);
    },
    onFailed: (run, error) => onFailed(run.paymentId, error),
  });
  return { rescuedPaymentIds, poisonedPaymentIds };
}

async function rescueTogether(
  pool: Pool,
  runs: readonly RunId[],
  maxRescues: number,
): Promise<{ readonly rescued: bigint[]; readonly poisoned: bigint[] }> {
  const work = async (transaction: Transaction) => {
    const expired = await lockExpiredRuns(transaction, runs);
    const poisoned = expired.filter((run) => run.rescueCount >= maxRescues);
    const rescued = expired.filter((run) => run.rescueCount < maxRescues);
    await rescueTasks(transaction, rescued);
    if (poisoned.length > 0) {
      const instructions = await readInstructions(transaction, poisoned);
      await removeTasks(transaction, poisoned);
      await concludePayments(
        transaction,
        poisoned.flatMap((run) => {
          const instruction = instructions.get(run.paymentId);
          if (!instruction) return [];
          return [
            {
              payment: instruction,
              status: 'unknown' as const,
              attempts: run.attempts,
              error: `the worker was lost ${countOf(run.rescueCount + 1, 'time')} while it had this payment`,
              deadLetter: 'poison' as const,
              firstInquiryMs: inquiryPauseMs(0),
            },
          ];
        }),
      );
    }
    // After the payments, as everywhere: a late answer is written while its payment is locked.
    await abandonAttempts(transaction, expired);
    if (expired.length > 0) failpoint('rescue.before_commit');
    return { rescued: rescued.map(paymentIdOf), poisoned: poisoned.map(paymentIdOf) };
  };
  const result = await inTransaction(pool, work, { lockWaitMs: LOCK_WAIT_MS });
  if (result.rescued.length > 0) failpoint('rescue.after_commit');
  return result;
}

function paymentIdOf(run: ExpiredRun): bigint {
  return run.paymentId;
}
