import type { Queryable } from '../../database/database.ts';
import type { ClaimedPayment } from '../claimed-payment.ts';
import { kindOf } from '../kinds/payment-kinds.ts';

type Instruction = Omit<ClaimedPayment, 'task'>;

/** Reads what never changes about payments; those of a batch, found by user and id like everything that a worker looks for. */
export async function readInstructions(
  queryable: Queryable,
  payments: readonly { readonly userId: bigint; readonly paymentId: bigint }[],
): Promise<Map<bigint, Instruction>> {
  const { rows } = await queryable.query<Omit<Instruction, 'direction'>>({
    name: 'payments-read-instructions',
    text: `
      select payment.id as "paymentId", payment.user_id as "userId", wallet_id as "walletId", type, amount as "amountMinor",
             fee as "feeMinor", wallet_pays_fee as "walletPaysFee", currency, reference, created_at as "createdAt",
             redrive_of as "redriveOf", refund_of as "refundOf", refund_reason as "refundReason", gateway as "gatewayName",
             (
               select reference from payments as deposit
               where deposit.user_id = payment.user_id and deposit.id = payment.refund_of
             ) as "refundOfReference"
      from unnest($1::bigint[], $2::bigint[]) as asked (user_id, id)
      join payments as payment on payment.user_id = asked.user_id and payment.id = asked.id`,
    values: [payments.map(({ userId }) => userId), payments.map(({ paymentId }) => paymentId)],
  });
  return new Map(rows.map((row) => [row.paymentId, { ...row, direction: kindOf(row.type).direction }]));
}
