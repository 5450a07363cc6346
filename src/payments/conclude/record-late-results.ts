import type { Pool } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { closeLateAttempts } from '../../queue/close-late-attempts.sql.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { describeUnknownPayment } from '../evidence/forgotten-payment.ts';
import { CLAIMED_SUCCESS, type GatewayWord } from '../evidence/gateway-word.ts';
import { lockLinkedPayments } from '../evidence/read-evidence.sql.ts';
import { readStandingPayment } from '../evidence/standing-payment.ts';
import type { FinishedRun } from './settle-payments.ts';

/**
 * Records the answers of runs whose results came too late to be settled. The fence protects the payment, so it is not touched. The
 * attempt's row gets its answer, and an answer that contradicts how the payment ended is recorded as a difference. Each is written
 * separately, while its payment is locked: a transaction that is failing the payment at the same time either sees the answer, or has ended
 * the payment before the two are compared. Doing this twice is harmless.
 * @returns differences that nobody had reported before.
 */
export async function recordLateResults(pool: Pool, runs: readonly FinishedRun[]): Promise<Difference[]> {
  failpoint('late_result.before_write');
  const found: Difference[] = [];
  for (const run of runs) found.push(...(await recordLateResult(pool, run)));
  return found;
}

async function recordLateResult(pool: Pool, run: FinishedRun): Promise<Difference[]> {
  const { userId, paymentId, task } = run.payment;
  const closed = { userId, paymentId, runLease: task.runLease, report: run.report };
  const word = definiteWordOf(run);
  if (!word) {
    await closeLateAttempts(pool, [closed]);
    return [];
  }
  return await inTransaction(
    pool,
    async (transaction) => {
      await lockLinkedPayments(transaction, [paymentId], 'reference');
      await closeLateAttempts(transaction, [closed]);
      const payment = await readStandingPayment(transaction, paymentId);
      const { reference } = run.payment;
      const differences =
        payment?.reference === reference
          ? findDifferences(payment, word, 'attempt')
          : [describeUnknownPayment({ reference, told: run.payment }, word, 'attempt')];
      return await recordDifferences(transaction, differences);
    },
    // Writing it again is harmless.
    { isWritten: async () => false },
  );
}

/** A refusal counts only if it would have ended the payment: a call that may have been turned away at the door says little. */
function definiteWordOf({ decision, report }: FinishedRun): GatewayWord | undefined {
  // The answers of these two were compared when they were decided.
  if (decision.kind === 'succeeded')
    return { status: 'succeeded', gatewayReference: decision.gatewayReference, named: NOTHING_NAMED };
  if (decision.kind === 'failed' && decision.reason === 'refused')
    return { status: 'refused', gatewayReference: null, named: NOTHING_NAMED };
  if (report.errorClass === 'claimed_success') return CLAIMED_SUCCESS;
  return decision.kind === 'disputed' ? decision.word : undefined;
}
