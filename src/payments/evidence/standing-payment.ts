import type { Queryable } from '../../database/database.ts';
import { readLinkedIds } from './linked-payments.sql.ts';
import { type ReadPayment, readRecordedPayments } from './recorded-payment.sql.ts';
import { isConcluded, type RecordedPayment } from './recorded-payment.ts';

/**
 * Of the payments under one reference, the one that a word of the gateway about this reference speaks of: the one that is open,
 * because its outcome is asked for; or else the one that succeeded; or else the newest. Pure.
 * A redrive makes a payment only from one that failed, so at most one is open or has succeeded.
 */
export function chooseStanding<Payment extends RecordedPayment>(
  payments: readonly Payment[],
): Payment | undefined {
  const newestFirst = payments.toSorted((a, b) => (a.paymentId < b.paymentId ? 1 : -1));
  return (
    newestFirst.find((payment) => !isConcluded(payment)) ??
    newestFirst.find(({ status }) => status === 'success') ??
    newestFirst[0]
  );
}

/** Reads the payment that a word about this payment's reference speaks of; nothing is locked. */
export async function readStandingPayment(
  queryable: Queryable,
  paymentId: bigint,
): Promise<ReadPayment | undefined> {
  const ids = await readLinkedIds(queryable, [paymentId], 'reference');
  return chooseStanding([...(await readRecordedPayments(queryable, ids)).values()]);
}
