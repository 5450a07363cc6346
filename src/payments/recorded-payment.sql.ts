import type { Queryable } from '../shared/database.ts';
import type { RecordedPayment } from './recorded-payment.ts';

/** Reads payments as they stand; nothing is locked. */
export async function readRecordedPayments(
  queryable: Queryable,
  paymentIds: readonly bigint[],
): Promise<Map<bigint, RecordedPayment>> {
  const { rows } = await queryable.query<RecordedPayment>({
    name: 'payments-read-recorded',
    text: `
      select id as "paymentId", user_id as "userId", wallet_id as "walletId", type, amount as "amountMinor",
             fee as "feeMinor", currency, reference, status, gateway_reference as "gatewayReference",
             created_at as "createdAt",
             exists (
               select from payment_attempts as attempt
               where attempt.payment_id = payment.id and attempt.outcome = 'succeeded'
             ) as "hasSucceededAttempt"
      from payments as payment
      where id = any ($1::bigint[])`,
    values: [paymentIds],
  });
  return new Map(rows.map((row) => [row.paymentId, row]));
}
