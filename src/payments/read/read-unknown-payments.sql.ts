import type { Knex } from '../../database/database.ts';
import {
  type AmountFilter,
  amountConditions,
  amountValues,
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../../database/list-page.sql.ts';
import { askedAmount } from '../kinds/payment-kinds.sql.ts';
import type { PaymentType } from '../payment.ts';
import { findPayments } from './read-payments.sql.ts';
import type { AttemptSummary, InquiryState, UnknownPayment } from './unknown-payment.ts';

/** `asking`: the gateway is given time to tell. `needs_review`: a person has to look. */
export const UNKNOWN_STATES = ['asking', 'needs_review'] as const;
export type UnknownState = (typeof UNKNOWN_STATES)[number];

export interface UnknownFilter extends AmountFilter, CreatedFilter {
  readonly state?: UnknownState | undefined;
  readonly type?: PaymentType | undefined;
  readonly userId?: bigint | undefined;
}

const STATE_CONDITIONS = {
  asking: 'inquiry.needs_review_at is null',
  needs_review: 'inquiry.needs_review_at is not null',
} as const;

const SELECT_INQUIRY = `
    select inquiry.payment_id as "paymentId", inquiry.opened_at as "unknownSince",
           inquiry.asked_count as "askedCount", inquiry.not_found_count as "notFoundCount",
           inquiry.last_answer as "lastAnswer", inquiry.next_ask_at as "nextAskAt",
           inquiry.needs_review_at as "needsReviewAt"`;

type Row = InquiryState & AttemptSummary & { readonly paymentId: bigint };

/**
 * Lists payments whose outcome is unknown, with the evidence for either outcome, newest first. A payment's time is when it became unknown.
 */
export async function listUnknownPayments(
  knex: Knex,
  query: UnknownFilter & PageQuery,
): Promise<Page<UnknownPayment>> {
  // Use one snapshot, so that a payment that is concluded in the meantime is not read half old and half new.
  return await knex.transaction((snapshot) => readUnknownPage(snapshot, query), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });
}

async function readUnknownPage(knex: Knex, query: UnknownFilter & PageQuery): Promise<Page<UnknownPayment>> {
  const { items: rows, nextBeforeId } = await readPage<Row>(knex, unknownPageParts(query));
  const payments = await findPayments(
    knex,
    rows.map((row) => row.paymentId),
  );
  const items = rows.flatMap((row) => {
    const payment = payments.get(row.paymentId);
    return payment ? [{ payment, inquiry: row, attempts: row }] : [];
  });
  return { items, nextBeforeId };
}

export function unknownPageParts(query: UnknownFilter & PageQuery): PageParts {
  const { state, type, userId } = query;
  return {
    query,
    walk: {
      from: 'payment_inquiries as listed',
      id: 'listed.payment_id',
      where: [userId === undefined ? undefined : 'listed.user_id = :userId'],
      as: 'inquiry',
      columns: 'listed.*',
      createdAt: 'listed.opened_at',
    },
    select: `${SELECT_INQUIRY}, summary.*`,
    joins: `
    -- Look up each one: a plan that starts with the payments of a type or an amount would read them all.
    cross join lateral (
      select * from payments where payments.user_id = inquiry.user_id and payments.id = inquiry.payment_id limit 1
    ) as payment
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
    ) as summary`,
    filters: [
      state === undefined ? undefined : STATE_CONDITIONS[state],
      type === undefined ? undefined : 'payment.type = :type',
      ...amountConditions(query, { row: 'payment', amount: askedAmount('payment') }),
    ],
    values: { type: type ?? null, userId: userId ?? null, ...amountValues(query) },
  };
}

/** The inquiry about one payment; undefined if its outcome is known or it has a task. */
export async function findInquiry(knex: Knex, paymentId: bigint): Promise<InquiryState | undefined> {
  const { rows } = await knex.raw(
    `${SELECT_INQUIRY} from payment_inquiries as inquiry where inquiry.payment_id = :paymentId`,
    { paymentId },
  );
  return rows[0];
}
