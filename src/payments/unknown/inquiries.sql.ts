import type { Queryable, Transaction } from '../../database/database.ts';
import { ofGateway } from '../../queue/of-gateway.sql.ts';

/** Locks the inquiries about payments, in the order of their ids, and returns how many there are. */
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

interface PaymentKey {
  readonly userId: bigint;
  readonly paymentId: bigint;
}

export async function removeInquiry(
  transaction: Transaction,
  { userId, paymentId }: PaymentKey,
): Promise<void> {
  await transaction.query('delete from payment_inquiries where user_id = $1 and payment_id = $2', [
    userId,
    paymentId,
  ]);
}

/** `unknown` is not a terminal status; payments with a terminal status are not touched. */
export async function reopenPayment(
  transaction: Transaction,
  { userId, paymentId }: PaymentKey,
): Promise<void> {
  const { rowCount } = await transaction.query(
    `update payments set status = 'new', updated_at = now() where user_id = $1 and id = $2 and status = 'unknown'`,
    [userId, paymentId],
  );
  if (rowCount !== 1)
    throw new Error(`payment ${paymentId} has an open dead letter but its outcome is known`);
}

/**
 * Makes inquiries due whose time is further ahead than any pause can be: it was written before the clock was set back. It has no order by:
 * rows are locked without waiting, and ordering by the key could make a plan walk the whole table for nothing.
 */
export async function bringInquiriesForward(
  queryable: Queryable,
  {
    mostMs,
    limit,
    gatewayName,
  }: { readonly mostMs: number; readonly limit: number; readonly gatewayName: string | null },
): Promise<number> {
  const { condition, suffix } = ofGateway(gatewayName, '$3');
  const { rowCount } = await queryable.query({
    name: `payments-bring-inquiries-forward${suffix}`,
    text: `
      with ahead as materialized (
        select user_id, payment_id
        from payment_inquiries
        where ${condition} and next_ask_at > now() + $1 * interval '1 millisecond'
        limit $2
        for update skip locked
      )
      update payment_inquiries as inquiry
      set next_ask_at = now(), opened_at = least(opened_at, now())
      from ahead
      where inquiry.user_id = ahead.user_id and inquiry.payment_id = ahead.payment_id`,
    values: [mostMs, limit, gatewayName],
  });
  return rowCount ?? 0;
}
