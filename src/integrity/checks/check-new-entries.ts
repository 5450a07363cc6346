import { fitRange } from '../../ledger/fit-range.ts';
import { readHorizon } from '../../ledger/server/clock.sql.ts';
import { assertIdsGoForward } from '../../ledger/server/decide-clock.ts';
import { moveWatermark } from '../checkpoint.sql.ts';
import { NOTHING_TO_DO, type Step, type StepResult } from '../step.ts';
import { checkPostings } from './check-postings.ts';
import { checkTransactions } from './check-transactions.ts';
import { decidePayment } from './decide-payment.ts';
import { addToProofs, inspectEntries } from './entry-range.sql.ts';
import { readPaymentFacts } from './payment-facts.sql.ts';

/**
 * Reads the entries since the last step, checks I1 for their transactions and the rules of what they belong to, and counts them in the proofs of
 * their accounts. It uses the same kind of watermark as the fold: every transaction below it has ended, so the check never reads what is still
 * being written, and never skips anything.
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
  const violations = [
    ...(await checkTransactions(transaction, found)),
    ...payments.flatMap(decidePayment),
    ...(await checkPostings(transaction, found.postingIds, range)),
  ];
  const isDone = range.below === horizon.below;
  await moveWatermark(transaction, {
    checkedBelow: range.below,
    transactionStep: nextStep,
    caughtUpAt: isDone ? horizon.at : null,
  });
  return { rowCount: found.entryCount, isDone, violations };
}
