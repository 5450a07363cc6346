import { strict as assert } from 'node:assert';
import { resolveHolds } from '../holds/resolve-holds.ts';
import type { SystemAccounts } from '../ledger/system-accounts.ts';
import type { Money } from '../money/money.ts';
import { insertDeadLetters, type NewDeadLetter } from '../queue/dead-letters.sql.ts';
import type { Transaction } from '../shared/database.ts';
import { sentTogether } from '../shared/transaction.ts';
import { addInquiries, updateConcluded } from './conclude-payments.sql.ts';
import type { Conclusion } from './conclusion.ts';
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
  accountsByCurrency: ReadonlyMap<string, SystemAccounts>,
): Promise<void> {
  if (conclusions.length === 0) return;
  const updated = updateConcluded(transaction, conclusions);
  const written = sentTogether([
    resolveHolds(transaction, {
      // An outcome that is not known leaves the hold as it is.
      holds: conclusions.flatMap(({ payment, status }) =>
        status === 'unknown' ? [] : (holdOf(payment) ?? []),
      ),
      postings: conclusions
        .filter(({ status }) => status === 'success')
        .map(({ payment }) => settlePosting(payment, accountsOf(payment, accountsByCurrency))),
    }),
    insertDeadLetters(transaction, conclusions.flatMap(deadLetterOf)),
    addInquiries(
      transaction,
      conclusions
        .filter((conclusion) => conclusion.status === 'unknown')
        .map(({ payment, firstInquiryMs }) => ({ ...payment, firstInquiryMs })),
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

function deadLetterOf({ payment, deadLetter, error, attempts }: Conclusion): NewDeadLetter[] {
  if (!deadLetter) return [];
  const { paymentId, userId } = payment;
  return [{ paymentId, userId, reason: deadLetter.reason, error, attempts }];
}

function accountsOf(
  { currency }: Money,
  accountsByCurrency: ReadonlyMap<string, SystemAccounts>,
): SystemAccounts {
  const accounts = accountsByCurrency.get(currency);
  assert(accounts, `the system accounts in ${currency} were not read`);
  return accounts;
}
