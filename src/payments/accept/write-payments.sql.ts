import type { Queryable, Transaction } from '../../database/database.ts';
import type { Money } from '../../money/money.ts';
import type { PaymentType } from '../payment.ts';

/** A payment to write. Its amount is what the gateway is asked to move. */
export interface NewPayment extends Money {
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly type: PaymentType;
  readonly feeMinor: bigint;
  readonly walletPaysFee: boolean;
  readonly status: 'new' | 'failed';
  readonly reference: string;
  readonly lastError: string | null;
  readonly redriveOf: bigint | null;
  /** The deposit that it gives back. */
  readonly refundOf: bigint | null;
  readonly refundReason: string | null;
  /** Where it is carried out; null: at the gateway without a name. */
  readonly gatewayName: string | null;
  /** The trace of the request, for its event; undefined if it brought none. */
  readonly traceparent?: string | undefined;
}

/** Writes payments, and tasks for those that must be carried out. */
export async function insertPayments(
  transaction: Transaction,
  payments: readonly NewPayment[],
): Promise<void> {
  await transaction.query({
    name: 'payments-insert',
    text: `
      with accepted as materialized (
        select *
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
                    $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::boolean[], $15::text[])
          as t (id, user_id, wallet_id, type, amount, fee, currency, status, reference, last_error, redrive_of, refund_of,
                refund_reason, wallet_pays_fee, gateway)
      ),
      queued as (
        insert into payment_tasks (payment_id, user_id, gateway)
        select id, user_id, gateway
        from accepted
        where status = 'new'
      )
      insert into payments (id, user_id, wallet_id, type, amount, fee, currency, status, reference, last_error, redrive_of, refund_of,
                            refund_reason, wallet_pays_fee, gateway)
      select id, user_id, wallet_id, type, amount, fee, currency, status, reference, last_error, redrive_of, refund_of,
             refund_reason, wallet_pays_fee, gateway
      from accepted`,
    values: [
      payments.map((payment) => payment.paymentId),
      payments.map((payment) => payment.userId),
      payments.map((payment) => payment.walletId),
      payments.map((payment) => payment.type),
      payments.map((payment) => payment.amountMinor),
      payments.map((payment) => payment.feeMinor),
      payments.map((payment) => payment.currency),
      payments.map((payment) => payment.status),
      payments.map((payment) => payment.reference),
      payments.map((payment) => payment.lastError),
      payments.map((payment) => payment.redriveOf),
      payments.map((payment) => payment.refundOf),
      payments.map((payment) => payment.refundReason),
      payments.map((payment) => payment.walletPaysFee),
      payments.map((payment) => payment.gatewayName),
    ],
  });
}

export async function isPaymentWritten(
  queryable: Queryable,
  {
    userId,
    paymentId,
    reference,
  }: { readonly userId: bigint; readonly paymentId: bigint; readonly reference: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from payments where user_id = $1 and id = $2 and reference = $3',
    [userId, paymentId, reference],
  );
  return rowCount === 1;
}
