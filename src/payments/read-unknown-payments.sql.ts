import type { Knex } from '../shared/database.ts';
import { findPayments } from './read-payments.sql.ts';
import type { AttemptSummary, InquiryState, UnknownPayment } from './unknown-payment.ts';

export interface UnknownListQuery {
  /** `asking`: the gateway is given time to tell. `needs_review`: a person has to look. */
  readonly state?: 'asking' | 'needs_review' | undefined;
  readonly limit: number;
  /** Only payments with a smaller id: the last one of the page before. */
  readonly beforeId?: bigint | undefined;
}

const STATE_CONDITIONS = {
  asking: 'and inquiry.needs_review_at is null',
  needs_review: 'and inquiry.needs_review_at is not null',
} as const;

const SELECT_INQUIRY = `
    select inquiry.payment_id as "paymentId", inquiry.opened_at as "unknownSince",
           inquiry.asked_count as "askedCount", inquiry.not_found_count as "notFoundCount",
           inquiry.last_answer as "lastAnswer", inquiry.next_ask_at as "nextAskAt",
           inquiry.needs_review_at as "needsReviewAt"`;

type Row = InquiryState & AttemptSummary & { readonly paymentId: bigint };

/** Lists payments whose outcome is unknown with what speaks for either, newest first. */
export async function listUnknownPayments(knex: Knex, query: UnknownListQuery): Promise<UnknownPayment[]> {
  // One snapshot: a payment that is concluded meanwhile is not half of what it was.
  return await knex.transaction((snapshot) => readPage(snapshot, query), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });
}

async function readPage(knex: Knex, query: UnknownListQuery): Promise<UnknownPayment[]> {
  const { state, beforeId = null, limit } = query;
  const { rows }: { rows: Row[] } = await knex.raw(
    `${SELECT_INQUIRY}, summary.*
    from payment_inquiries as inquiry
    cross join lateral (
      select count(*)::int as count,
             count(*) filter (where outcome in ('unknown', 'abandoned') or outcome is null)::int as "unknownCount",
             count(*) filter (where outcome = 'succeeded')::int as "succeededCount",
             min(started_at) as "firstStartedAt", max(started_at) as "lastStartedAt",
             (array_agg(outcome order by run_lease desc))[1] as "lastOutcome",
             (array_agg(error_class order by run_lease desc))[1] as "lastErrorClass",
             (array_agg(error order by run_lease desc))[1] as "lastError"
      from payment_attempts as attempt
      where attempt.payment_id = inquiry.payment_id
    ) as summary
    where (inquiry.payment_id < :beforeId or :beforeId::bigint is null)
      ${state ? STATE_CONDITIONS[state] : ''}
    order by inquiry.payment_id desc
    limit :limit`,
    { beforeId, limit },
  );
  const payments = await findPayments(
    knex,
    rows.map((row) => row.paymentId),
  );
  return rows.flatMap((row) => {
    const payment = payments.get(row.paymentId);
    return payment ? [{ payment, inquiry: row, attempts: row }] : [];
  });
}

/** The asking about one payment; undefined when its outcome is known or a task works on it. */
export async function findInquiry(knex: Knex, paymentId: bigint): Promise<InquiryState | undefined> {
  const { rows } = await knex.raw(
    `${SELECT_INQUIRY} from payment_inquiries as inquiry where inquiry.payment_id = :paymentId`,
    { paymentId },
  );
  return rows[0];
}
