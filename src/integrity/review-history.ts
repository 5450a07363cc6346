import { fitRange } from '../ledger/fit-range.ts';
import { savePosition } from './checkpoint.sql.ts';
import { checkPostings } from './checks/check-postings.ts';
import { checkTransactions } from './checks/check-transactions.ts';
import { inspectEntries } from './checks/entry-range.sql.ts';
import { NOTHING_TO_DO, type Step, type StepResult } from './step.ts';

const FIRST_STEP = 1000n;

/** The rolling review of all ledger transactions, in the order in which they were written: checks I1 again, and the legs of postings. */
export async function reviewHistory({
  transaction,
  checkpoint: { checkedBelow, positions },
  rowLimit,
}: Step): Promise<StepResult> {
  const { from = '0', step = FIRST_STEP.toString(), passedAt = null } = positions.history ?? {};
  if (checkedBelow === 0n) return NOTHING_TO_DO;
  const { range, nextStep } = await fitRange(transaction, {
    from: BigInt(from),
    end: checkedBelow,
    step: BigInt(step),
    rowLimit,
  });
  const found = await inspectEntries(transaction, range);
  const violations = [
    ...(await checkTransactions(transaction, found)),
    ...(await checkPostings(transaction, found.postingIds, range)),
  ];
  const isDone = range.below >= checkedBelow;
  await savePosition(transaction, 'history', {
    from: isDone ? '0' : range.below.toString(),
    step: nextStep.toString(),
    passedAt: isDone ? new Date().toISOString() : passedAt,
  });
  return { rowCount: found.entryCount, isDone, violations };
}
