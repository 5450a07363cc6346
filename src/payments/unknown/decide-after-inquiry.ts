import { isTurnedAway, retryAfterOf } from '../../gateway/health/call-health.ts';
import type { InquiryOutcome } from '../../gateway/port/payment-gateway.ts';
import type { Difference } from '../../reconciliation/difference.ts';
import { contradictEvidence, type Evidence, type WordOfFailure } from '../evidence/evidence.ts';
import { findDifferences } from '../evidence/find-differences.ts';
import { definiteWordOf } from '../evidence/gateway-word.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';
import { type AskedPayment, countNotFound, limitElapsed } from './count-not-found.ts';
import { inquiryPauseMs } from './inquiry-schedule.ts';

/** The state of an inquiry when its answer arrives. */
export interface OpenInquiry extends AskedPayment {
  /** Inquiries made, including this one. */
  readonly askedCount: number;
}

export type InquiryDecision =
  | { readonly kind: 'succeeded'; readonly gatewayReference: string | null }
  | { readonly kind: 'failed'; readonly reason: 'refused' | 'attempts_exhausted'; readonly error: string }
  | {
      readonly kind: 'ask_again';
      readonly pauseMs: number;
      readonly notFoundCount: number;
      /** Whether this answer counts, so that the next one is measured from it. */
      readonly hasCounted: boolean;
      readonly answer: string;
    }
  /** The gateway's answer differs from what is recorded, so it decides nothing: a person must look, and we keep asking. */
  | {
      readonly kind: 'disputed';
      readonly pauseMs: number;
      readonly notFoundCount: number;
      /** Whether this answer counts, so that the next one is measured from it. */
      readonly hasCounted: boolean;
      readonly answer: string;
      readonly differences: readonly Difference[];
    }
  /** The inquiry had ended, or started again, before this answer arrived, so it decides nothing. */
  | { readonly kind: 'late'; readonly answer: InquiryOutcome['kind'] };

/** The shortest pause before the next inquiry, whatever could count by then. */
const LEAST_PAUSE_MS = 1000;
const UNSTEADY = 'time counts since the database’s clock was last seen to jump, or was not watched';
/** The longest pause after an inquiry that a wrong key, a proxy or a rate limit kept from the gateway. */
const TURNED_AWAY_PAUSE_MS = 10 * 60_000;

/**
 * Decides what an answer means for a payment whose outcome is unknown. Pure. Only the gateway's answer ends the payment; `countNotFound`
 * decides when "not found" is such an answer. Nothing fails the payment while there is evidence that its money moved.
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
    /** For how long before the inquiry the database's clock had run steadily. */
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
      // An inquiry that was turned away at the door does not count: it must not postpone the next one until tomorrow.
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
      // Do not wait much longer than until the next answer can count.
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
