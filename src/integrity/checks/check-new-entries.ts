import { readHorizon } from '../../ledger/clock.sql.ts';
import { assertIdsGoForward } from '../../ledger/decide-clock.ts';
import { fitRange } from '../../ledger/fit-range.ts';
import { moveWatermark } from '../checkpoint.sql.ts';
import { NOTHING_TO_DO, type Step, type StepResult } from '../step.ts';
import { checkTransactions } from './check-transactions.ts';
import { decidePayment } from './decide-payment.ts';
import { addToProofs, inspectEntries } from './entry-range.sql.ts';
import { readPaymentFacts } from './payment-facts.sql.ts';

/**
 * Reads entries that are new since the last step: I1 for their transactions, I4 for their payments; and counts them in the
 * proofs of their accounts. The watermark is that of the fold: below it every transaction has ended, so nothing that is
 * still being written is ever looked at, and nothing is ever left out.
 * @throws TransactionIdsWentBack, as after a restore into another server.
 */
export async function checkNewEntries({ transaction, checkpoint, rowLimit }: Step): Promise<StepResult> {
  const { checkedBelow, transactionStep } = checkpoint;
  const horizon = await readHorizon(transaction);
  assertIdsGoForward({ markedBelow: checkedBelow, next: horizon.next });
  if (horizon.below <= checkedBelow) return NOTHING_TO_DO;

  const { range, nextStep } = await fitRange(transaction, {
    from: checkedBelow,
    end: horizon.below,
    step: transactionStep,
    rowLimit,
  });
  await addToProofs(transaction, range);
  const found = await inspectEntries(transaction, range);
  const payments = await readPaymentFacts(transaction, found.paymentIds);
  const violations = [...(await checkTransactions(transaction, found)), ...payments.flatMap(decidePayment)];
  const isDone = range.below === horizon.below;
  await moveWatermark(transaction, {
    checkedBelow: range.below,
    transactionStep: nextStep,
    caughtUpAt: isDone ? horizon.at : null,
  });
  return { rowCount: found.entryCount, isDone, violations };
}
