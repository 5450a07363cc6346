import type { InquiryOutcome } from '../gateway/payment-gateway.ts';
import { NOT_FOUND_ANSWERS_NEEDED } from './decide-after-attempt.ts';
import { inquiryPauseMs } from './inquiry-schedule.ts';

/** A payment whose outcome is unknown, as it was when the gateway was asked about it. */
export interface OpenInquiry {
  /** How long, by the database's clock, no task has worked on it. */
  readonly openForMs: number;
  /** Questions asked, this one included. */
  readonly askedCount: number;
  readonly notFoundCount: number;
}

export type InquiryDecision =
  | { readonly kind: 'succeeded'; readonly gatewayReference: string | null }
  | { readonly kind: 'failed'; readonly reason: 'refused' | 'attempts_exhausted'; readonly error: string }
  | {
      readonly kind: 'ask_again';
      readonly pauseMs: number;
      readonly notFoundCount: number;
      readonly answer: string;
    };

/**
 * Decides what an answer means for a payment whose outcome is unknown. Pure.
 * The payment ends only on the gateway's word; "not found" is taken for it after the grace period and a second time.
 */
export function decideAfterInquiry(
  inquiry: OpenInquiry,
  answer: InquiryOutcome,
  { notFoundGraceMs }: { readonly notFoundGraceMs: number },
): InquiryDecision {
  const askAgain = { kind: 'ask_again' as const, pauseMs: inquiryPauseMs(inquiry.askedCount) };
  switch (answer.kind) {
    case 'succeeded':
      return { kind: 'succeeded', gatewayReference: answer.gatewayReference };
    case 'refused':
      return { kind: 'failed', reason: 'refused', error: answer.message };
    case 'unknown':
      return { ...askAgain, notFoundCount: inquiry.notFoundCount, answer: answer.message };
    case 'not_found': {
      const notFoundCount = inquiry.notFoundCount + 1;
      const isPastGrace = inquiry.openForMs >= notFoundGraceMs;
      if (isPastGrace && notFoundCount >= NOT_FOUND_ANSWERS_NEEDED) {
        return {
          kind: 'failed',
          reason: 'attempts_exhausted',
          error: 'the gateway does not know this payment',
        };
      }
      return { ...askAgain, notFoundCount, answer: 'the gateway does not know this payment' };
    }
  }
}
