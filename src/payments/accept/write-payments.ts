import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { writeEvents } from '../../events/write-events.sql.ts';
import { placeHolds } from '../../holds/place-holds.ts';
import { holdOf } from '../kinds/payment-postings.ts';
import { eventOfNew } from '../payment-events.ts';
import { insertPayments, type NewPayment } from './write-payments.sql.ts';

/** Writes decided payments with their tasks, holds and events, in statements that are sent together. */
export async function writePayments(
  transaction: Transaction,
  payments: readonly NewPayment[],
): Promise<void> {
  if (payments.length === 0) return;
  const accepted = payments.filter(({ status }) => status === 'new');
  await sentTogether([
    insertPayments(transaction, payments),
    placeHolds(
      transaction,
      accepted.flatMap((payment) => holdOf(payment) ?? []),
    ),
    writeEvents(transaction, payments.map(eventOfNew)),
  ]);
}
