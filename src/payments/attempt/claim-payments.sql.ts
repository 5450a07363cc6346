import type { Queryable } from '../../database/database.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { kindOf } from '../kinds/payment-kinds.ts';

type Instruction = Omit<ClaimedPayment, 'task'>;

/** Reads what never changes about payments. */
export async function readInstructions(
  queryable: Queryable,
  paymentIds: readonly bigint[],
): Promise<Map<bigint, Instruction>> {
  const { rows } = await queryable.query<Omit<Instruction, 'direction'>>({
    name: 'payments-read-instructions',
    text: `
      select id as "paymentId", user_id as "userId", wallet_id as "walletId", type, amount as "amountMinor",
             fee as "feeMinor", currency, reference, created_at as "createdAt",
             redrive_of as "redriveOf", refund_of as "refundOf", refund_reason as "refundReason",
             (select reference from payments as deposit where deposit.id = payment.refund_of) as "refundOfReference"
      from payments as payment
      where id = any ($1::bigint[])`,
    values: [paymentIds],
  });
  return new Map(rows.map((row) => [row.paymentId, { ...row, direction: kindOf(row.type).direction }]));
}
