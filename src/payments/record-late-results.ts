import { NOTHING_NAMED } from '../gateway/named-facts.ts';
import { closeLateAttempts } from '../queue/close-late-attempts.sql.ts';
import type { NewException } from '../reconciliation/exception.ts';
import { recordExceptions } from '../reconciliation/record-exception.sql.ts';
import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { findDifferences } from './find-differences.ts';
import type { GatewayWord } from './gateway-word.ts';
import { readRecordedPayments } from './recorded-payment.sql.ts';
import type { FinishedRun } from './settle-payments.ts';

/**
 * Keeps what runs found whose results came too late to be settled. The payment is not touched: it is behind the fence. The
 * attempt's own row gets the answer that it had, and an answer that contradicts how the payment ended is recorded as a difference.
 * Doing it twice changes nothing more.
 * @returns differences that nobody had reported before.
 */
export async function recordLateResults(pool: Pool, runs: readonly FinishedRun[]): Promise<NewException[]> {
  failpoint('late_result.before_write');
  await closeLateAttempts(
    pool,
    runs.map(({ payment, report }) => ({
      paymentId: payment.paymentId,
      runLease: payment.task.runLease,
      report,
    })),
  );
  const definite = runs.flatMap((run) => {
    const word = definiteWordOf(run);
    return word ? [{ paymentId: run.payment.paymentId, word }] : [];
  });
  if (definite.length === 0) return [];
  const payments = await readRecordedPayments(
    pool,
    definite.map(({ paymentId }) => paymentId),
  );
  return await recordExceptions(
    pool,
    definite.flatMap(({ paymentId, word }) => {
      const payment = payments.get(paymentId);
      return payment ? findDifferences(payment, word, 'attempt') : [];
    }),
  );
}

/** A refusal counts only where it would have ended the payment: one that may have been turned away at the door says little. */
function definiteWordOf({ decision }: FinishedRun): GatewayWord | undefined {
  // What these two name was compared when they were decided.
  if (decision.kind === 'succeeded')
    return { status: 'succeeded', gatewayReference: decision.gatewayReference, named: NOTHING_NAMED };
  if (decision.kind === 'failed' && decision.reason === 'refused')
    return { status: 'refused', gatewayReference: null, named: NOTHING_NAMED };
  return decision.kind === 'disputed' ? decision.word : undefined;
}
