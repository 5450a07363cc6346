import type { InquiryOutcome, PayOutcome } from './payment-gateway.ts';

/** What one answer, or the lack of one, says about the gateway itself, whatever it says about the money. */
export type CallHealth = 'healthy' | 'failing' | 'says_nothing';

/** The gateway spoke sense about this payment, and has not made up its mind. */
const SENSIBLE_UNKNOWNS = new Set(['pending', 'conflict', 'too_early', 'amount_mismatch']);

/**
 * Reads the gateway's health from an outcome. Pure. A refusal is a healthy answer: it is about the payment, not the gateway.
 */
export function decideCallHealth(outcome: PayOutcome | InquiryOutcome): CallHealth {
  if (outcome.kind !== 'unknown' && outcome.kind !== 'not_executed') return 'healthy';
  if (outcome.errorClass === 'aborted') return 'says_nothing';
  return SENSIBLE_UNKNOWNS.has(outcome.errorClass) ? 'healthy' : 'failing';
}

/** How long the gateway asked to be left alone, in milliseconds; null when it did not. */
export function retryAfterOf(outcome: PayOutcome | InquiryOutcome): number | null {
  return 'retryAfterMs' in outcome ? (outcome.retryAfterMs ?? null) : null;
}
