import type { Pool, Queryable, Transaction } from '../shared/database.ts';
import type { OpenInquiry } from './decide-after-inquiry.ts';
import type { RecordedPayment } from './recorded-payment.ts';

export interface DueInquiry extends OpenInquiry, RecordedPayment {}

/** What one question was answered, as it is kept for whoever has to decide about the payment. */
export interface InquiryAnswer {
  readonly answer: 'succeeded' | 'refused' | 'not_found' | 'unknown';
  readonly detail: string | null;
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
             payment.fee as "feeMinor", payment.currency, payment.created_at as "createdAt",
             payment.status, payment.gateway_reference as "gatewayReference",
             exists (
               select from payment_attempts as attempt
               where attempt.payment_id = payment.id and attempt.outcome = 'succeeded'
             ) as "hasSucceededAttempt"
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

/** Keeps what a question was answered. */
export async function insertInquiryAnswer(
  queryable: Queryable,
  { paymentId, askedCount }: DueInquiry,
  { answer, detail }: InquiryAnswer,
): Promise<void> {
  await queryable.query({
    name: 'payments-insert-inquiry-answer',
    text: `
      insert into payment_inquiry_answers (payment_id, asked_count, answer, detail)
      values ($1, $2, $3, $4)`,
    values: [paymentId, askedCount, answer, detail],
  });
}

/**
 * Hands payments that have been asked about for `horizonMs` to a person; asking goes on. Gives each payment once, to one
 * of the processes that look at the same time.
 */
export async function markForReview(
  pool: Pool,
  { horizonMs, limit }: { readonly horizonMs: number; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await pool.query<{ payment_id: bigint }>({
    name: 'payments-mark-for-review',
    text: `
      with late as materialized (
        select payment_id
        from payment_inquiries
        where needs_review_at is null and opened_at <= now() - $1 * interval '1 millisecond'
        order by opened_at
        limit $2
        for update skip locked
      )
      update payment_inquiries as inquiry
      set needs_review_at = now()
      from late
      where inquiry.payment_id = late.payment_id
      returning inquiry.payment_id`,
    values: [horizonMs, limit],
  });
  return rows.map((row) => row.payment_id);
}
