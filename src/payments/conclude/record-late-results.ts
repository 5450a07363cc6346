import type { Pool } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import { failpoint } from '../../process/failpoints/failpoint.ts';
import { closeLateAttempts } from '../../queue/close-late-attempts.sql.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { recordDifferences } from '../../reconciliation/record-differences.sql.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { describeUnknownPayment } from '../evidence/forgotten-payment.ts';
import { CLAIM_OF_SUCCESS, type GatewayWord } from '../evidence/gateway-word.ts';
import { lockLinkedPayments } from '../evidence/read-evidence.sql.ts';
import { readStandingPayment } from '../evidence/standing-payment.ts';
import type { FinishedRun } from './settle-payments.ts';

/**
 * Keeps what runs found whose results came too late to be settled. The payment is not touched: it is behind the fence. The
 * attempt's own row gets the answer that it had, and an answer that contradicts how the payment ended is recorded as a difference.
 * Each is written with its payment locked, and alone: whoever is failing the payment at this moment either sees the answer,
 * or has ended it before the two are compared.
 * Doing it twice changes nothing more.
 * @returns differences that nobody had reported before.
 */
export async function recordLateResults(pool: Pool, runs: readonly FinishedRun[]): Promise<Difference[]> {
  failpoint('late_result.before_write');
  const found: Difference[] = [];
  for (const run of runs) found.push(...(await recordLateResult(pool, run)));
  return found;
}

async function recordLateResult(pool: Pool, run: FinishedRun): Promise<Difference[]> {
  const { paymentId, task } = run.payment;
  const closed = { paymentId, runLease: task.runLease, report: run.report };
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
    // Written again it changes nothing more.
    { isWritten: async () => false },
  );
}

/** A refusal counts only where it would have ended the payment: one that may have been turned away at the door says little. */
function definiteWordOf({ decision, report }: FinishedRun): GatewayWord | undefined {
  // What these two name was compared when they were decided.
  if (decision.kind === 'succeeded')
    return { status: 'succeeded', gatewayReference: decision.gatewayReference, named: NOTHING_NAMED };
  if (decision.kind === 'failed' && decision.reason === 'refused')
    return { status: 'refused', gatewayReference: null, named: NOTHING_NAMED };
  if (report.errorClass === 'claimed_success') return CLAIM_OF_SUCCESS;
  return decision.kind === 'disputed' ? decision.word : undefined;
}
