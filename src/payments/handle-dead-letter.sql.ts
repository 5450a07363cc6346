import type { Transaction } from '../shared/database.ts';

/** Locks the inquiry about a payment; false when there is none. */
export async function lockInquiry(transaction: Transaction, paymentId: bigint): Promise<boolean> {
  const { rowCount } = await transaction.query(
    'select 1 from payment_inquiries where payment_id = $1 for update',
    [paymentId],
  );
  return rowCount === 1;
}

export async function removeInquiry(transaction: Transaction, paymentId: bigint): Promise<void> {
  await transaction.query('delete from payment_inquiries where payment_id = $1', [paymentId]);
}

/** `unknown` is no terminal status; a payment that has one is not touched. */
export async function reopenPayment(transaction: Transaction, paymentId: bigint): Promise<void> {
  const { rowCount } = await transaction.query(
    `update payments set status = 'new', updated_at = now() where id = $1 and status = 'unknown'`,
    [paymentId],
  );
  if (rowCount !== 1)
    throw new Error(`payment ${paymentId} has an open dead letter but its outcome is known`);
}
