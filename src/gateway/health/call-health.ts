import type { InquiryOutcome, PayOutcome } from '../port/payment-gateway.ts';

/** What one answer, or the lack of one, says about the gateway itself, whatever it says about the money. */
export type CallHealth = 'healthy' | 'failing' | 'limited' | 'says_nothing';

/** The gateway spoke sense about this payment, and has not made up its mind. */
const SENSIBLE_UNKNOWNS = new Set(['pending', 'conflict', 'too_early']);

/** The request did not get as far as the payment: a wrong key or path, a proxy's rule, too many calls. */
const TURNED_AWAY = new Set(['rate_limited', 'unauthorized', 'wrong_address', 'http_3xx', 'http_4xx']);

/**
 * Reads the gateway's health from an outcome. Pure. A refusal is a healthy answer: it is about the payment, not the gateway.
 * `limited`: it works, and has too many calls.
 */
export function decideCallHealth(outcome: PayOutcome | InquiryOutcome): CallHealth {
  if (outcome.kind !== 'unknown' && outcome.kind !== 'not_executed') return 'healthy';
  // Neither call was made, for a reason of ours.
  if (outcome.errorClass === 'aborted' || outcome.errorClass === 'withheld') return 'says_nothing';
  if (outcome.errorClass === 'rate_limited') return 'limited';
  return SENSIBLE_UNKNOWNS.has(outcome.errorClass) ? 'healthy' : 'failing';
}

/**
 * Whether a call was answered at the door. The answer says nothing about the payment and would be the same for any other,
 * so it must not use up the payment's attempts.
 */
export function isTurnedAway(outcome: PayOutcome | InquiryOutcome | null): boolean {
  const isOpen = outcome?.kind === 'unknown' || outcome?.kind === 'not_executed';
  return isOpen && TURNED_AWAY.has(outcome.errorClass);
}

/**
 * Whether an answer that settles nothing says all the same that the money moved. It is evidence (I15): no program releases the
 * money against it, or sends again after it.
 */
export function claimsSuccess(outcome: PayOutcome | InquiryOutcome | null): boolean {
  return outcome?.kind === 'unknown' && outcome.errorClass === 'claimed_success';
}

/** How long the gateway asked to be left alone, in milliseconds; null when it did not. */
export function retryAfterOf(outcome: PayOutcome | InquiryOutcome): number | null {
  return 'retryAfterMs' in outcome ? (outcome.retryAfterMs ?? null) : null;
}
