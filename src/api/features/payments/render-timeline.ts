import type { PaymentTimeline } from '../../../payments/read/read-timeline.ts';
import type { TimelineCallback, TimelineItem, TimelineTransaction } from '../../../payments/read/timeline.ts';
import type { InquiryState, UnknownPayment } from '../../../payments/read/unknown-payment.ts';
import type { RecordedDifference } from '../../../reconciliation/read-differences.sql.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { renderAttempt, renderDeadLetter, renderPayment } from './render-payment.ts';

export function renderTimeline(paymentId: bigint, { currency, items, inquiry }: PaymentTimeline) {
  return {
    payment_id: Number(paymentId),
    currency,
    inquiry: inquiry ? renderInquiry(inquiry) : null,
    items: items.map((item) => ({
      at: item.at.toISOString(),
      kind: item.kind,
      ...renderDetails(item, currency),
    })),
  };
}

function renderDetails(item: TimelineItem, currency: string) {
  switch (item.kind) {
    case 'accepted':
    case 'needs_review':
      return {};
    case 'held':
    case 'released':
      return { hold: renderAmounts({ amount: item.hold.amountMinor }, currency) };
    case 'ledger':
      return { transaction: renderTransaction(item.transaction, currency) };
    case 'attempt':
      return { attempt: renderAttempt(item.attempt) };
    case 'inquiry': {
      const { askedCount, answer, detail } = item.inquiry;
      return { inquiry: { asked_count: askedCount, answer, detail } };
    }
    case 'callback':
      return { callback: renderCallback(item.callback) };
    case 'resolution': {
      const { outcome, by, reason, evidence, gatewayReference, overriddenEvidence } = item.resolution;
      return {
        resolution: {
          outcome,
          by,
          reason,
          evidence,
          gateway_reference: gatewayReference,
          overridden_evidence: overriddenEvidence,
        },
      };
    }
    case 'dead_letter':
    case 'dead_letter_closed':
      return { dead_letter: renderDeadLetter(item.letter) };
    case 'exception':
    case 'exception_closed':
      return { exception: renderDifference(item.exception) };
  }
}

function renderTransaction({ transactionId, step, entries }: TimelineTransaction, currency: string) {
  return {
    transaction_id: Number(transactionId),
    step,
    entries: entries.map(({ account, accountId, amountMinor }) => ({
      account,
      account_id: Number(accountId),
      ...renderAmounts({ amount: amountMinor }, currency),
    })),
  };
}

function renderCallback(callback: TimelineCallback) {
  return {
    event_id: callback.eventId,
    status: callback.status,
    amount: callback.amount,
    currency: callback.currency,
    gateway_reference: callback.gatewayReference,
    message: callback.message,
    delivery_count: callback.deliveryCount,
    processed_at: callback.processedAt?.toISOString() ?? null,
    result: callback.result,
  };
}

function renderInquiry(inquiry: InquiryState) {
  return {
    unknown_since: inquiry.unknownSince.toISOString(),
    asked_count: inquiry.askedCount,
    not_found_count: inquiry.notFoundCount,
    last_answer: inquiry.lastAnswer,
    next_ask_at: inquiry.nextAskAt.toISOString(),
    needs_review_at: inquiry.needsReviewAt?.toISOString() ?? null,
  };
}

export function renderUnknownPayment({ payment, inquiry, attempts }: UnknownPayment) {
  return {
    payment: renderPayment(payment),
    ...renderInquiry(inquiry),
    attempts: {
      count: attempts.count,
      unknown_count: attempts.unknownCount,
      succeeded_count: attempts.succeededCount,
      first_started_at: attempts.firstStartedAt?.toISOString() ?? null,
      last_started_at: attempts.lastStartedAt?.toISOString() ?? null,
      last_outcome: attempts.lastOutcome,
      last_error_class: attempts.lastErrorClass,
      last_error: attempts.lastError,
    },
  };
}

export function renderDifference(difference: RecordedDifference) {
  return {
    id: Number(difference.id),
    payment_id: difference.paymentId === null ? null : Number(difference.paymentId),
    reference: difference.reference,
    kind: difference.kind,
    source: difference.source,
    ours: difference.ours,
    theirs: difference.theirs,
    created_at: difference.createdAt.toISOString(),
    last_seen_at: difference.lastSeenAt.toISOString(),
    seen_count: difference.seenCount,
    closed_at: difference.closedAt?.toISOString() ?? null,
    closed_by: difference.closedBy,
    closed_reason: difference.closedReason,
  };
}
