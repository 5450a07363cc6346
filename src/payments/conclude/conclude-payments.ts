import { strict as assert } from 'node:assert';
import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { insertDeadLetters, type NewDeadLetter } from '../../dead-letters/letters/dead-letters.sql.ts';
import { writeEvents } from '../../events/write-events.sql.ts';
import { resolveHolds } from '../../holds/resolve-holds.ts';
import { accountsByCurrency, type SystemAccounts } from '../../ledger/system-accounts.ts';
import { holdOf, settlePosting } from '../kinds/payment-postings.ts';
import { eventsOfEnded } from '../payment-events.ts';
import { addInquiries, updateConcluded } from './conclude-payments.sql.ts';
import type { Conclusion, Success, Unknown } from './conclusion.ts';

/**
 * Finds the accounts that conclusions are posted to, and writes the conclusions: see writeConclusions. The accounts may have to be read
 * first, so callers that send other statements along find them beforehand and call writeConclusions directly.
 */
export async function concludePayments(
  transaction: Transaction,
  conclusions: readonly Conclusion[],
): Promise<void> {
  const accountsOf = await accountsByCurrency(transaction, currenciesPosted(conclusions));
  await writeConclusions(transaction, conclusions, accountsOf);
}

/** The currencies in which something is posted for these conclusions. */
export function currenciesPosted(conclusions: readonly Conclusion[]): string[] {
  return conclusions.filter(isSuccess).map(({ payment }) => payment.currency);
}

/**
 * Writes conclusions inside the caller's transaction, which has already ensured that only the caller may write them (by the task's fence,
 * or the inquiry's lock): status, hold, ledger, dead letter, inquiry and events commit together. The status changes only from `new` or `unknown`,
 * so no payment leaves a terminal status or is posted twice. Its statements are sent at once, so that statements that the caller sends
 * along lock their rows after these (test/locks/lock-order.ts).
 * @throws AssertionError if a payment was already concluded: the fence has a hole, and nothing may be written.
 */
export async function writeConclusions(
  transaction: Transaction,
  conclusions: readonly Conclusion[],
  accountsOf: (currency: string) => SystemAccounts,
): Promise<void> {
  if (conclusions.length === 0) return;
  const succeeding = conclusions.filter(isSuccess);
  const unknown = conclusions.filter((conclusion): conclusion is Unknown => conclusion.status === 'unknown');
  const updated = updateConcluded(transaction, conclusions);
  const written = sentTogether([
    resolveHolds(transaction, {
      // An unknown outcome leaves the hold as it is.
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
    // Once the payments and their wallets are locked.
    writeEvents(transaction, conclusions.flatMap(eventsOfEnded)),
  ]);
  // A hole in the fence makes these statements fail too, with a less useful error than the check below, so check first.
  written.catch(() => {});
  const concludedIds = await updated;
  for (const { payment } of conclusions) {
    assert(concludedIds.has(payment.paymentId), `payment ${payment.paymentId} was already concluded`);
  }
  await written;
}

function isSuccess(conclusion: Conclusion): conclusion is Success {
  return conclusion.status === 'success';
}

function deadLetterOf(conclusion: Conclusion): NewDeadLetter[] {
  if (conclusion.status === 'success' || conclusion.deadLetter === null) return [];
  const { payment, deadLetter: reason, error, attempts } = conclusion;
  const { paymentId, userId } = payment;
  return [{ paymentId, userId, reason, error, attempts }];
}
