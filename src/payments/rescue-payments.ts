import { removeTasks } from '../queue/finish-tasks.sql.ts';
import { abandonAttempts, type ExpiredRun, lockExpiredRuns, rescueTasks } from '../queue/rescue-tasks.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { inTransaction } from '../shared/transaction.ts';
import { readInstructions } from './claim-payments.sql.ts';
import { concludePayments } from './conclude-payments.ts';
import { inquiryPauseMs } from './inquiry-schedule.ts';

export interface RescueResult {
  /** Tasks that any worker may take again. */
  readonly rescuedPaymentIds: readonly bigint[];
  /** Tasks that lost their worker too often and went to the dead letters, their outcome unknown. */
  readonly poisonedPaymentIds: readonly bigint[];
}

/** One sweep is one short transaction, whatever has piled up. */
const SWEEP_LIMIT = 500;

/**
 * Takes over the tasks whose lease has expired. Any worker may do it at any time; sweeps that meet leave each other's rows
 * alone. A rescue burns no attempt, but a task that goes on losing its worker ends as `poison` after `maxRescues`: its
 * calls may have executed, so its outcome is unknown, never failed.
 */
export async function rescuePayments(
  pool: Pool,
  { maxRescues }: { readonly maxRescues: number },
): Promise<RescueResult> {
  const result = await inTransaction(pool, async (transaction) => {
    const expired = await lockExpiredRuns(transaction, SWEEP_LIMIT);
    const poisoned = expired.filter((run) => run.rescueCount >= maxRescues);
    const rescued = expired.filter((run) => run.rescueCount < maxRescues);
    await rescueTasks(transaction, rescued);
    if (poisoned.length > 0) {
      const instructions = await readInstructions(transaction, poisoned.map(paymentIdOf));
      await removeTasks(transaction, poisoned);
      await concludePayments(
        transaction,
        poisoned.flatMap((run) => {
          const instruction = instructions.get(run.paymentId);
          if (!instruction) return [];
          return [
            {
              payment: { ...instruction, feeMinor: instruction.commissionMinor },
              status: 'unknown' as const,
              gatewayReference: null,
              attempts: run.attempts,
              error: `the worker was lost ${run.rescueCount + 1} times while it had this payment`,
              deadLetter: { reason: 'poison' as const },
              firstInquiryMs: inquiryPauseMs(0),
            },
          ];
        }),
        new Map(),
      );
    }
    // After the payments, as everywhere: a late answer is written with its payment locked.
    await abandonAttempts(transaction, expired);
    if (expired.length > 0) failpoint('rescue.before_commit');
    return { rescuedPaymentIds: rescued.map(paymentIdOf), poisonedPaymentIds: poisoned.map(paymentIdOf) };
  });
  if (result.rescuedPaymentIds.length > 0) failpoint('rescue.after_commit');
  return result;
}

function paymentIdOf(run: ExpiredRun): bigint {
  return run.paymentId;
}
