import type { InquiryOutcome, PayOutcome } from '../port/payment-gateway.ts';

/** What an answer, or the lack of one, says about the gateway itself, apart from the money. */
export type CallHealth = 'healthy' | 'failing' | 'limited' | 'says_nothing';

/** The gateway answered properly about this payment, but has not decided yet. */
const SENSIBLE_UNKNOWNS = new Set(['pending', 'conflict', 'too_early']);

/** The request did not reach the payment: a wrong key or path, a proxy's rule, too many calls. */
const TURNED_AWAY = new Set(['rate_limited', 'unauthorized', 'wrong_address', 'http_3xx', 'http_4xx']);

/**
 * Derives the gateway's health from an outcome. Pure. A refusal is a healthy answer: it is about the payment, not the gateway.
 * `limited`: it works, but gets too many calls.
 */
export function decideCallHealth(outcome: PayOutcome | InquiryOutcome): CallHealth {
  if (outcome.kind !== 'unknown' && outcome.kind !== 'not_executed') return 'healthy';
  // We made no call, for our own reasons.
  if (outcome.errorClass === 'aborted' || outcome.errorClass === 'withheld') return 'says_nothing';
  if (outcome.errorClass === 'rate_limited') return 'limited';
  return SENSIBLE_UNKNOWNS.has(outcome.errorClass) ? 'healthy' : 'failing';
}

/**
 * Whether a call was turned away at the door. Such an answer says nothing about the payment and would be the same for any other, so it must
 * not use up the payment's attempts.
 */
export function isTurnedAway(outcome: PayOutcome | InquiryOutcome | null): boolean {
  const isOpen = outcome?.kind === 'unknown' || outcome?.kind === 'not_executed';
  return isOpen && TURNED_AWAY.has(outcome.errorClass);
}

/**
 * Whether an answer that settles nothing still claims that the money moved. That is evidence (I15): no program may release the money in
 * spite of it, or send again.
 */
export function claimsSuccess(outcome: PayOutcome | InquiryOutcome | null): boolean {
  return outcome?.kind === 'unknown' && outcome.errorClass === 'claimed_success';
}

/** How long the gateway asked us to wait, in milliseconds; null if it did not. */
export function retryAfterOf(outcome: PayOutcome | InquiryOutcome): number | null {
  return 'retryAfterMs' in outcome ? (outcome.retryAfterMs ?? null) : null;
}
