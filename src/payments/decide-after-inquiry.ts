import type { InquiryOutcome } from '../gateway/payment-gateway.ts';
import type { NewException } from '../reconciliation/exception.ts';
import { NOT_FOUND_ANSWERS_NEEDED } from './decide-after-attempt.ts';
import { findDifferences } from './find-differences.ts';
import { definiteWordOf } from './gateway-word.ts';
import { inquiryPauseMs } from './inquiry-schedule.ts';
import type { RecordedPayment } from './recorded-payment.ts';

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
    }
  /** The gateway's word differs from what is recorded, so nothing is decided on it: a person looks, and we ask on. */
  | {
      readonly kind: 'disputed';
      readonly pauseMs: number;
      readonly notFoundCount: number;
      readonly answer: string;
      readonly differences: readonly NewException[];
    };

/**
 * Decides what an answer means for a payment whose outcome is unknown. Pure.
 * The payment ends only on the gateway's word; "not found" is taken for it after the grace period and a second time, unless
 * the gateway answered some call of it with success, however late.
 */
export function decideAfterInquiry(
  inquiry: OpenInquiry & RecordedPayment,
  answer: InquiryOutcome,
  { notFoundGraceMs }: { readonly notFoundGraceMs: number },
): InquiryDecision {
  const pauseMs = inquiryPauseMs(inquiry.askedCount);
  const askAgain = { kind: 'ask_again' as const, pauseMs };
  const word = definiteWordOf(answer);
  const differences = word ? findDifferences(inquiry, word, 'inquiry') : [];
  if (differences.length > 0) {
    const { notFoundCount } = inquiry;
    const kinds = differences.map(({ kind }) => kind).join(', ');
    return { kind: 'disputed', pauseMs, notFoundCount, answer: `${answer.kind}, but: ${kinds}`, differences };
  }
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
      const isBelieved = !inquiry.hasSucceededAttempt;
      if (isBelieved && isPastGrace && notFoundCount >= NOT_FOUND_ANSWERS_NEEDED) {
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
