import { strict as assert } from 'node:assert';
import { resolveHolds } from '../holds/resolve-holds.ts';
import { accountsByCurrency } from '../ledger/system-accounts.ts';
import { insertDeadLetters, type NewDeadLetter } from '../queue/dead-letters.sql.ts';
import type { Transaction } from '../shared/database.ts';
import { sentTogether } from '../shared/transaction.ts';
import { addInquiries, updateConcluded } from './conclude-payments.sql.ts';
import type { Conclusion, Success, Unknown } from './conclusion.ts';
import { holdOf, settlePosting } from './payment-postings.ts';

/**
 * Writes conclusions inside the caller's transaction, which has already made sure that they are the caller's to write
 * (the task's fence, or the inquiry's lock): status, hold, ledger, dead letter and inquiry commit together.
 * The status changes only from `new` or `unknown`, so no payment leaves a terminal status or is posted twice.
 * @throws AssertionError when a payment was concluded before: the fence has a hole, and nothing may be written.
 */
export async function concludePayments(
  transaction: Transaction,
  conclusions: readonly Conclusion[],
): Promise<void> {
  if (conclusions.length === 0) return;
  const succeeding = conclusions.filter(
    (conclusion): conclusion is Success => conclusion.status === 'success',
  );
  const unknown = conclusions.filter((conclusion): conclusion is Unknown => conclusion.status === 'unknown');
  const accountsOf = await accountsByCurrency(
    transaction,
    succeeding.map(({ payment }) => payment.currency),
  );
  const updated = updateConcluded(transaction, conclusions);
  const written = sentTogether([
    resolveHolds(transaction, {
      // An outcome that is not known leaves the hold as it is.
      holds: conclusions.flatMap(({ payment, status }) =>
        status === 'unknown' ? [] : (holdOf(payment) ?? []),
      ),
      postings: succeeding.map(({ payment }) => settlePosting(payment, accountsOf(payment.currency))),
    }),
    insertDeadLetters(transaction, conclusions.flatMap(deadLetterOf)),
    addInquiries(
      transaction,
      unknown.map(({ payment, firstInquiryMs }) => ({ ...payment, firstInquiryMs })),
    ),
  ]);
  // A hole in the fence makes these fail too, and says less about it than the check below, which comes first.
  written.catch(() => {});
  const concludedIds = await updated;
  for (const { payment } of conclusions) {
    assert(concludedIds.has(payment.paymentId), `payment ${payment.paymentId} was already concluded`);
  }
  await written;
}

function deadLetterOf(conclusion: Conclusion): NewDeadLetter[] {
  if (conclusion.status === 'success' || conclusion.deadLetter === null) return [];
  const { payment, deadLetter: reason, error, attempts } = conclusion;
  const { paymentId, userId } = payment;
  return [{ paymentId, userId, reason, error, attempts }];
}
