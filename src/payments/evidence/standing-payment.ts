import type { Queryable } from '../../database/database.ts';
import { readLinkedIds } from './linked-payments.sql.ts';
import { type ReadPayment, readRecordedPayments } from './recorded-payment.sql.ts';
import { isConcluded, type RecordedPayment } from './recorded-payment.ts';

/**
 * Chooses, of the payments that share a reference, the one that a statement of the gateway is about: the open one, because its outcome is
 * being asked for; or else the one that succeeded; or else the newest. Pure. Only failed payments are redriven, so at most one is open or
 * has succeeded.
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

/** Reads the payment that a statement about this payment's reference is about, without locks. */
export async function readStandingPayment(
  queryable: Queryable,
  paymentId: bigint,
): Promise<ReadPayment | undefined> {
  const ids = await readLinkedIds(queryable, [paymentId], 'reference');
  return chooseStanding([...(await readRecordedPayments(queryable, ids)).values()]);
}
