import type { Knex } from '../../database/database.ts';
import { DEFAULT_GATEWAY } from '../../gateway/port/default-gateway.ts';
import { askedAmount, holdsFunds } from '../kinds/payment-kinds.sql.ts';
import type { Payment, PaymentAttempt } from '../payment.ts';

// A payment's row says how it ended; while it is open, its task shows its progress.
export const SELECT_PAYMENT = `
    select payment.id as "paymentId", payment.user_id as "userId", payment.wallet_id as "walletId", payment.type,
           ${askedAmount('payment')} as "amountMinor",
           payment.amount as "gatewayAmountMinor", payment.fee as "feeMinor", payment.wallet_pays_fee as "walletPaysFee",
           payment.currency,
           case when payment.status = 'new' then 'processing' else payment.status end as status,
           case when payment.status = 'success' then 'posted'
                when not (${holdsFunds('payment.type')}) then 'none'
                when payment.status in ('new', 'unknown') then 'held'
                -- Refused for insufficient funds by the transaction that inserted it, so it was written only once.
                when payment.updated_at = payment.created_at then 'none'
                else 'voided' end as "transactionStatus",
           payment.attempts + coalesce(task.attempts, 0) as attempts,
           coalesce(task.last_error, payment.last_error) as "lastError",
           payment.gateway_reference as "gatewayReference", payment.redrive_of as "redriveOf",
           payment.refund_of as "refundOf", payment.refund_reason as "refundReason",
           coalesce(payment.gateway, '${DEFAULT_GATEWAY}') as gateway,
           payment.status = 'unknown' and exists (
             select 1 from payment_inquiries as inquiry
             where inquiry.user_id = payment.user_id and inquiry.payment_id = payment.id and inquiry.needs_review_at is not null
           ) as "needsReview",
           payment.created_at as "createdAt",
           greatest(payment.updated_at, (
             select max(coalesce(attempt.finished_at, attempt.started_at))
             from payment_attempts as attempt
             where attempt.payment_id = payment.id
           )) as "updatedAt"`;

export async function findPayment(knex: Knex, paymentId: bigint): Promise<Payment | undefined> {
  return (await findPayments(knex, [paymentId])).get(paymentId);
}

export async function findPayments(knex: Knex, paymentIds: readonly bigint[]): Promise<Map<bigint, Payment>> {
  const { rows }: { rows: Payment[] } = await knex.raw(
    `${SELECT_PAYMENT}
    from payments as payment
    left join payment_tasks as task on task.user_id = payment.user_id and task.payment_id = payment.id
    where payment.id = any (:paymentIds)`,
    { paymentIds },
  );
  return new Map(rows.map((row) => [row.paymentId, row]));
}

/** Lists the runs of a payment's task, oldest first. */
export async function listAttempts(knex: Knex, paymentId: bigint): Promise<PaymentAttempt[]> {
  const { rows } = await knex.raw(
    `
    select attempt, run_lease as "runLease", worker, started_at as "startedAt", finished_at as "finishedAt", outcome,
           inquiry, http_status as "httpStatus", error_class as "errorClass", error, latency_ms as "latencyMs"
    from payment_attempts
    where payment_id = :paymentId
    order by run_lease
    limit 1000`,
    { paymentId },
  );
  return rows;
}
