import type { Queryable } from '../../database/database.ts';
import type { RecordedPayment } from './recorded-payment.ts';

export interface ReadPayment extends RecordedPayment {
  /** Whether it was redriven, so that another payment may share its reference. */
  readonly isRedriven: boolean;
}

/** Reads payments as they are, without locks. */
export async function readRecordedPayments(
  queryable: Queryable,
  paymentIds: readonly bigint[],
): Promise<Map<bigint, ReadPayment>> {
  const { rows } = await queryable.query<ReadPayment>({
    name: 'payments-read-recorded',
    text: `
      select id as "paymentId", user_id as "userId", wallet_id as "walletId", type, amount as "amountMinor",
             fee as "feeMinor", wallet_pays_fee as "walletPaysFee", currency, reference, status, gateway_reference as "gatewayReference",
             created_at as "createdAt", redrive_of as "redriveOf", refund_of as "refundOf",
             exists (
               select 1 from payment_attempts as attempt
               where attempt.payment_id = payment.id and attempt.outcome = 'succeeded'
             ) as "hasSucceededAttempt",
             payment.status = 'failed' and exists (
               select 1 from payments as redriven
               where redriven.redrive_of = payment.id and redriven.redrive_of is not null
             ) as "isRedriven"
      from payments as payment
      where id = any ($1::bigint[])`,
    values: [paymentIds],
  });
  return new Map(rows.map((row) => [row.paymentId, row]));
}
