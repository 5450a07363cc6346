import type { Payment } from '../payment.ts';

/** How far the asking about a payment of unknown outcome has come. */
export interface InquiryState {
  readonly unknownSince: Date;
  readonly askedCount: number;
  /** How often the gateway said that it does not know the payment. */
  readonly notFoundCount: number;
  readonly lastAnswer: string | null;
  readonly nextAskAt: Date;
  /** Since when a person has to look; null while it is for the gateway to tell. */
  readonly needsReviewAt: Date | null;
}

/** What the attempts of a payment came to, as evidence for who has to decide about it. */
export interface AttemptSummary {
  readonly count: number;
  /** Attempts that may have moved the money without our knowing. */
  readonly unknownCount: number;
  /** Attempts that were answered with success, but too late to settle. */
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
