import { type NamedFacts, NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import { claimsSuccess } from '../../gateway/health/call-health.ts';
import type { InquiryOutcome, PayOutcome } from '../../gateway/port/payment-gateway.ts';

/** A definite word of the gateway about a payment: in an answer to a send or to a question, in a callback, or in a late answer. */
export interface GatewayWord {
  readonly status: 'succeeded' | 'refused';
  readonly gatewayReference: string | null;
  /** What it names of the payment; read before the word is believed. */
  readonly named: NamedFacts;
}

/** The gateway's definite word, if the answer is one. */
export function definiteWordOf(answer: PayOutcome | InquiryOutcome): GatewayWord | undefined {
  const named = 'named' in answer && answer.named ? answer.named : NOTHING_NAMED;
  switch (answer.kind) {
    case 'succeeded':
      return { status: 'succeeded', gatewayReference: answer.gatewayReference, named };
    case 'refused':
      return { status: 'refused', gatewayReference: null, named };
    default:
      return undefined;
  }
}

/** Of an answer that comes too late to decide anything: its definite word, or the success that it claims. */
export function claimedWordOf(answer: PayOutcome | InquiryOutcome): GatewayWord | undefined {
  return claimsSuccess(answer) ? CLAIM_OF_SUCCESS : definiteWordOf(answer);
}

/** A claim of success is compared as a success that names nothing. */
export const CLAIM_OF_SUCCESS: GatewayWord = {
  status: 'succeeded',
  gatewayReference: null,
  named: NOTHING_NAMED,
};
