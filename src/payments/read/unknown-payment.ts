import type { Payment } from '../payment.ts';

/** The state of the inquiry about a payment of unknown outcome. */
export interface InquiryState {
  readonly unknownSince: Date;
  readonly askedCount: number;
  /** How often the gateway said that it does not know the payment. */
  readonly notFoundCount: number;
  readonly lastAnswer: string | null;
  readonly nextAskAt: Date;
  /** Since when the payment has needed a person; null while the gateway still has time to answer. */
  readonly needsReviewAt: Date | null;
}

/** A summary of a payment's attempts, as evidence for the person who decides about it. */
export interface AttemptSummary {
  readonly count: number;
  /** Attempts that may have moved the money without our knowing. */
  readonly unknownCount: number;
  /** Attempts whose answer was success, but too late to settle. */
  readonly succeededCount: number;
  readonly firstStartedAt: Date | null;
  readonly lastStartedAt: Date | null;
  readonly lastOutcome: string | null;
  readonly lastErrorClass: string | null;
  readonly lastError: string | null;
}

export interface UnknownPayment {
  readonly payment: Payment;
  readonly inquiry: InquiryState;
  readonly attempts: AttemptSummary;
}
