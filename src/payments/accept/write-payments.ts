import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { placeHolds } from '../../holds/place-holds.ts';
import { holdOf } from '../kinds/payment-postings.ts';
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
