import type { InquiryState, UnknownPayment } from '../../../payments/read/unknown-payment.ts';
import { renderPayment } from '../payments/render-payment.ts';

export function renderUnknownPayment({ payment, inquiry, attempts }: UnknownPayment) {
  return {
    payment: renderPayment(payment),
    gateway: payment.gateway,
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

export function renderInquiry(inquiry: InquiryState) {
  return {
    unknown_since: inquiry.unknownSince.toISOString(),
    asked_count: inquiry.askedCount,
    not_found_count: inquiry.notFoundCount,
    last_answer: inquiry.lastAnswer,
    next_ask_at: inquiry.nextAskAt.toISOString(),
    needs_review_at: inquiry.needsReviewAt?.toISOString() ?? null,
  };
}
