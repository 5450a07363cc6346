import type { Pool, Queryable, Transaction } from '../../database/database.ts';
import { ofGateway } from '../../queue/of-gateway.sql.ts';
import type { InquiryWord } from '../../queue/task.ts';
import { LINKED_PAYMENTS } from '../evidence/linked-payments.sql.ts';
import type { OpenInquiry } from './decide-after-inquiry.ts';

/** An inquiry about a payment of unknown outcome that is due now. */
export interface DueInquiry {
  readonly userId: bigint;
  readonly paymentId: bigint;
  readonly reference: string;
  /** Distinguishes this inquiry from every other one ever made, even in a lost part of the database's history. */
  readonly askFence: bigint;
  /** Inquiries since the payment became unknown, including this one. */
  readonly askedCount: number;
}

/** The answer to one inquiry, stored for the person who decides about the payment. */
export interface InquiryAnswer {
  readonly answer: InquiryWord;
  /** A class of gateway-failure.ts; null for a success and for "not found". */
  readonly errorClass: string | null;
  readonly detail: string | null;
}

/**
 * Takes inquiries that are due, and keeps them from other workers for `claimMs`.
 * @param gatewayName who is asked; null or left out: the gateway without a name.
 */
export async function claimDueInquiries(
  pool: Pool,
  {
    limit,
    claimMs,
    gatewayName = null,
  }: { readonly limit: number; readonly claimMs: number; readonly gatewayName?: string | null },
): Promise<DueInquiry[]> {
  const { condition, suffix } = ofGateway(gatewayName, '$3');
  const { rows } = await pool.query<DueInquiry>({
    name: `payments-claim-due-inquiries${suffix}`,
    text: `
      with due as materialized (
        select user_id, payment_id
        from payment_inquiries
        where ${condition} and next_ask_at <= now()
        order by next_ask_at
        limit $1
        for update skip locked
      ),
      claimed as (
        update payment_inquiries as inquiry
        set asked_count = inquiry.asked_count + 1,
            ask_fence = floor(random() * 9007199254740992)::bigint,
            asked_at = now(),
            next_ask_at = now() + $2 * interval '1 millisecond'
        from due
        where inquiry.user_id = due.user_id and inquiry.payment_id = due.payment_id
        returning inquiry.*
      )
      select claimed.user_id as "userId", claimed.payment_id as "paymentId", payment.reference, claimed.ask_fence as "askFence",
             claimed.asked_count as "askedCount"
      from claimed
      join payments as payment on payment.user_id = claimed.user_id and payment.id = claimed.payment_id`,
    values: [limit, claimMs, gatewayName],
  });
  return rows;
}

/** Locks an inquiry and returns its current state; undefined if it has ended or was asked again since. */
export async function lockAskedInquiry(
  transaction: Transaction,
  { userId, paymentId, askFence }: Pick<DueInquiry, 'userId' | 'paymentId' | 'askFence'>,
): Promise<OpenInquiry | undefined> {
  const { rows } = await transaction.query<OpenInquiry>({
    name: 'payments-lock-asked-inquiry',
    text: `
      select asked_count as "askedCount", not_found_count as "notFoundCount",
             (extract(epoch from asked_at - opened_at) * 1000)::float8 as "quietForMs",
             (extract(epoch from asked_at - not_found_at) * 1000)::float8 as "notFoundForMs"
      from payment_inquiries
      where user_id = $1 and payment_id = $2 and ask_fence = $3
      for update`,
    values: [userId, paymentId, askFence],
  });
  return rows[0];
}

/**
 * How long before this inquiry the last call of any payment under its reference had ended, in milliseconds; null if there was none. Zero or
 * less if a call has not ended, or ended after the inquiry.
 */
export async function readQuietMs(
  transaction: Transaction,
  { userId, paymentId }: Pick<DueInquiry, 'userId' | 'paymentId'>,
): Promise<number | null> {
  const { rows } = await transaction.query<{ quietMs: number | null }>({
    name: 'payments-read-quiet',
    text: `
      with ${LINKED_PAYMENTS}
      select (extract(epoch from (select asked_at from payment_inquiries where user_id = $3 and payment_id = $4)
                - max(coalesce(attempt.finished_at, now()))
                  -- A call that seems to have ended in the future was written before the clock was set back.
                  filter (where attempt.finished_at is null
                            or attempt.finished_at <= clock_timestamp() + interval '1 minute')) * 1000)::float8 as "quietMs"
      from linked
      join payment_attempts as attempt on attempt.payment_id = linked.id
      where attempt.outcome is distinct from 'not_sent'`,
    values: [[paymentId], true, userId, paymentId],
  });
  return rows[0]?.quietMs ?? null;
}

/** Postpones the next inquiry. The caller has locked the row. */
export async function postponeInquiry(
  transaction: Transaction,
  { userId, paymentId }: Pick<DueInquiry, 'userId' | 'paymentId'>,
  {
    pauseMs,
    notFoundCount,
    hasCounted,
    answer,
  }: {
    readonly pauseMs: number;
    readonly notFoundCount: number;
    readonly hasCounted: boolean;
    readonly answer: string;
  },
): Promise<void> {
  await transaction.query({
    name: 'payments-postpone-inquiry',
    text: `
      update payment_inquiries
      set next_ask_at = now() + $2 * interval '1 millisecond',
          not_found_at = case when $5 then asked_at else not_found_at end,
          not_found_count = $3,
          last_answer = $4
      where user_id = $6 and payment_id = $1`,
    values: [paymentId, pauseMs, notFoundCount, answer, hasCounted, userId],
  });
}

/**
 * Stores the answer to an inquiry, unless the payment's id now belongs to another payment, because an earlier state was restored in the
 * meantime.
 */
export async function insertInquiryAnswer(
  queryable: Queryable,
  { userId, paymentId, reference, askedCount }: DueInquiry,
  { answer, errorClass, detail }: InquiryAnswer,
): Promise<void> {
  await queryable.query({
    name: 'payments-insert-inquiry-answer',
    text: `
      insert into payment_inquiry_answers (payment_id, asked_count, answer, error_class, detail)
      select id, $2, $3, $4, $5
      from payments
      where user_id = $7 and id = $1 and reference = $6`,
    values: [paymentId, askedCount, answer, errorClass, detail, reference, userId],
  });
}

/**
 * Marks payments that have been asked about for `horizonMs` for review by a person; the inquiries continue. Each payment is returned once,
 * to only one of several concurrent processes.
 */
export async function markForReview(
  pool: Pool,
  { horizonMs, limit }: { readonly horizonMs: number; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await pool.query<{ payment_id: bigint }>({
    name: 'payments-mark-for-review',
    text: `
      with late as materialized (
        select user_id, payment_id
        from payment_inquiries
        where needs_review_at is null and opened_at <= now() - $1 * interval '1 millisecond'
        order by opened_at
        limit $2
        for update skip locked
      )
      update payment_inquiries as inquiry
      set needs_review_at = now()
      from late
      where inquiry.user_id = late.user_id and inquiry.payment_id = late.payment_id
      returning inquiry.payment_id`,
    values: [horizonMs, limit],
  });
  return rows.map((row) => row.payment_id);
}
