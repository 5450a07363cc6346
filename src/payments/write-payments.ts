import { placeHolds } from '../holds/place-holds.ts';
import type { Transaction } from '../shared/database.ts';
import { sentTogether } from '../shared/transaction.ts';
import { holdOf } from './payment-postings.ts';
import { insertPayments, type NewPayment } from './write-payments.sql.ts';

/** Writes decided payments with their tasks and holds, in statements that are sent together. */
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
  ]);
}
