import type { Transaction } from '../database/database.ts';

/** Locks the inquiries about payments, in the order of their ids, and gives how many there are. */
export async function lockInquiries(
  transaction: Transaction,
  paymentIds: readonly bigint[],
): Promise<number> {
  const { rowCount } = await transaction.query(
    'select 1 from payment_inquiries where payment_id = any ($1::bigint[]) order by payment_id for update',
    [paymentIds],
  );
  return rowCount ?? 0;
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
