import { type NamedFacts, NOTHING_NAMED } from '../../gateway/answers/named-facts.ts';
import { claimsSuccess } from '../../gateway/health/call-health.ts';
import type { InquiryOutcome, PayOutcome } from '../../gateway/port/payment-gateway.ts';

/** A definite statement of the gateway about a payment: in an answer to a call or an inquiry, in a callback, or in a late answer. */
export interface GatewayWord {
  readonly status: 'succeeded' | 'refused';
  readonly gatewayReference: string | null;
  /** What it says about the payment; checked before the statement is trusted. */
  readonly named: NamedFacts;
}

/** The gateway's definite statement, if the answer contains one. */
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

/** For an answer that comes too late to decide anything: its definite statement, or the success that it claims. */
export function claimedWordOf(answer: PayOutcome | InquiryOutcome): GatewayWord | undefined {
  return claimsSuccess(answer) ? CLAIMED_SUCCESS : definiteWordOf(answer);
}

/** A claim of success is compared as a success without any details. */
export const CLAIMED_SUCCESS: GatewayWord = {
  status: 'succeeded',
  gatewayReference: null,
  named: NOTHING_NAMED,
};
