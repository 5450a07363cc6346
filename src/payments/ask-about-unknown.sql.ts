import type { Pool, Transaction } from '../shared/database.ts';
import type { OpenInquiry } from './decide-after-inquiry.ts';
import type { PostedPayment } from './payment-postings.ts';

export interface DueInquiry extends OpenInquiry, PostedPayment {
  readonly reference: string;
  readonly currency: string;
  /** When the payment was accepted. */
  readonly createdAt: Date;
}

/** Takes questions that are due and keeps them from other workers for `leaseMs`. */
export async function claimDueInquiries(
  pool: Pool,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): Promise<DueInquiry[]> {
  const { rows } = await pool.query<DueInquiry>({
    name: 'payments-claim-due-inquiries',
    text: `
      with due as materialized (
        select payment_id
        from payment_inquiries
        where next_ask_at <= now()
        order by next_ask_at
        limit $1
        for update skip locked
      ),
      claimed as (
        update payment_inquiries as inquiry
        set asked_count = inquiry.asked_count + 1,
            next_ask_at = now() + $2 * interval '1 millisecond'
        from due
        where inquiry.payment_id = due.payment_id
        returning inquiry.*
      )
      select claimed.payment_id as "paymentId", claimed.user_id as "userId", (extract(epoch from now() - claimed.opened_at) * 1000)::float8 as "openForMs",
             claimed.asked_count as "askedCount", claimed.not_found_count as "notFoundCount",
             payment.reference, payment.wallet_id as "walletId", payment.type, payment.amount as "amountMinor",
             payment.fee as "feeMinor", payment.currency, payment.created_at as "createdAt"
      from claimed
      join payments as payment on payment.id = claimed.payment_id`,
    values: [limit, leaseMs],
  });
  return rows;
}

/** asked_count is the fence: a question that another worker has asked since is no longer ours to answer. */
export async function postponeInquiry(
  pool: Pool,
  { paymentId, askedCount }: DueInquiry,
  {
    pauseMs,
    notFoundCount,
    answer,
  }: { readonly pauseMs: number; readonly notFoundCount: number; readonly answer: string },
): Promise<void> {
  await pool.query({
    name: 'payments-postpone-inquiry',
    text: `
      update payment_inquiries
      set next_ask_at = now() + $3 * interval '1 millisecond',
          not_found_count = $4,
          last_answer = $5
      where payment_id = $1 and asked_count = $2`,
    values: [paymentId, askedCount, pauseMs, notFoundCount, answer],
  });
}

/** Ends the asking; false when it is no longer ours to end. */
export async function takeInquiry(
  transaction: Transaction,
  { paymentId, askedCount }: DueInquiry,
): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'payments-take-inquiry',
    text: 'delete from payment_inquiries where payment_id = $1 and asked_count = $2',
    values: [paymentId, askedCount],
  });
  return rowCount === 1;
}
