import { isTurnedAway, retryAfterOf } from '../../gateway/health/call-health.ts';
import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { contradictEvidence, type Evidence, type WordOfFailure } from '../evidence/evidence.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { definiteWordOf } from '../evidence/gateway-word.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';
import { type AskedPayment, countNotFound, limitElapsed } from './count-not-found.ts';
import { inquiryPauseMs } from './inquiry-schedule.ts';

/** The asking about a payment whose outcome is unknown, as it stands when the answer has come. */
export interface OpenInquiry extends AskedPayment {
  /** Questions asked, this one included. */
  readonly askedCount: number;
}

export type InquiryDecision =
  | { readonly kind: 'succeeded'; readonly gatewayReference: string | null }
  | { readonly kind: 'failed'; readonly reason: 'refused' | 'attempts_exhausted'; readonly error: string }
  | {
      readonly kind: 'ask_again';
      readonly pauseMs: number;
      readonly notFoundCount: number;
      /** Whether this answer is one of those, so that the next is measured from it. */
      readonly hasCounted: boolean;
      readonly answer: string;
    }
  /** The gateway's word differs from what is recorded, so nothing is decided on it: a person looks, and we ask on. */
  | {
      readonly kind: 'disputed';
      readonly pauseMs: number;
      readonly notFoundCount: number;
      /** Whether this answer is one of those, so that the next is measured from it. */
      readonly hasCounted: boolean;
      readonly answer: string;
      readonly differences: readonly Difference[];
    }
  /** The asking had ended, or begun anew, before this answer came: it decides nothing. */
  | { readonly kind: 'late'; readonly answer: InquiryOutcome['kind'] };

/** The next question comes no sooner than this, whatever could count by then. */
const LEAST_PAUSE_MS = 1000;
const UNSTEADY = 'time counts since the database’s clock was last seen to jump, or was not watched';
/** The longest pause after a question that a wrong key, a proxy or a limit kept from the gateway. */
const TURNED_AWAY_PAUSE_MS = 10 * 60_000;

/**
 * Decides what an answer means for a payment whose outcome is unknown. Pure.
 * The payment ends only on the gateway's word; "not found" is taken for it as `countNotFound` says. Nothing fails it while
 * something recorded says that its money moved.
 */
export function decideAfterInquiry(
  payment: RecordedPayment,
  inquiry: OpenInquiry,
  answer: InquiryOutcome,
  {
    notFoundGraceMs,
    steadyForMs,
    evidence,
  }: {
    readonly notFoundGraceMs: number;
    /** For how long before the question the database's clock had gone steadily. */
    readonly steadyForMs: number;
    readonly evidence: readonly Evidence[];
  },
): Exclude<InquiryDecision, { kind: 'late' }> {
  const pauseMs = inquiryPauseMs(inquiry.askedCount);
  const { notFoundCount } = inquiry;
  const dispute = (differences: readonly Difference[]): Extract<InquiryDecision, { kind: 'disputed' }> => {
    const kinds = differences.map(({ kind }) => kind).join(', ');
    return {
      kind: 'disputed',
      pauseMs,
      notFoundCount,
      hasCounted: false,
      answer: `${answer.kind}, but: ${kinds}`,
      differences,
    };
  };
  const failOn = (
    status: WordOfFailure['status'],
    failed: Extract<InquiryDecision, { kind: 'failed' }>,
  ): Extract<InquiryDecision, { kind: 'failed' | 'disputed' }> => {
    const contradiction = contradictEvidence(payment, { status, source: 'inquiry' }, evidence);
    return contradiction ? dispute([contradiction]) : failed;
  };
  const word = definiteWordOf(answer);
  const differences = word ? findDifferences(payment, word, 'inquiry') : [];
  if (differences.length > 0) return dispute(differences);
  switch (answer.kind) {
    case 'succeeded':
      return { kind: 'succeeded', gatewayReference: answer.gatewayReference };
    case 'refused':
      return failOn('refused', { kind: 'failed', reason: 'refused', error: answer.message });
    case 'unknown': {
      // A question that was turned away at the door was none: it must not put the next one off until tomorrow.
      const nextMs = isTurnedAway(answer) ? Math.min(pauseMs, TURNED_AWAY_PAUSE_MS) : pauseMs;
      const askedMs = retryAfterOf(answer) ?? 0;
      return {
        kind: 'ask_again',
        pauseMs: Math.max(nextMs, askedMs),
        notFoundCount,
        hasCounted: false,
        answer: answer.message,
      };
    }
    case 'not_found': {
      const counted = countNotFound(limitElapsed(inquiry, steadyForMs), notFoundGraceMs);
      const error = 'the gateway does not know this payment';
      if (counted.isBelieved)
        return failOn('not_found', { kind: 'failed', reason: 'attempts_exhausted', error });
      // There is no use in waiting for much longer than until the next answer counts.
      const soonMs = Math.max(counted.nextCountsInMs, LEAST_PAUSE_MS);
      return {
        kind: 'ask_again',
        pauseMs: Math.min(pauseMs, soonMs),
        notFoundCount: counted.notFoundCount,
        hasCounted: counted.hasCounted,
        answer: steadyForMs < inquiry.quietForMs ? `${error}; ${UNSTEADY}` : error,
      };
    }
  }
}
