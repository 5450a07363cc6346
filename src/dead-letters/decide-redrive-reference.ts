import type { DeadLetterReason } from './letters/dead-letter-reasons.ts';

/** The calls that were made under a reference, by every payment that has it. */
export interface Sends {
  /** Runs that may have sent something. */
  readonly sentCount: number;
  /** Those of them that may have been carried out. */
  readonly openCount: number;
  /** An earlier state of the database was restored since, so there may have been more. */
  readonly isPastForgotten: boolean;
}

/**
 * Decides whether a payment that replaces a failed one keeps its reference at the gateway. Pure. A new reference is safe only if the old
 * one cannot have moved money: after the gateway's own refusal, which it would only repeat, or if nothing was ever sent. In every other
 * case, keeping the reference prevents the gateway from paying twice. A refusal that other evidence contradicts does not count.
 * @returns the reference, and whether to ask the gateway before sending, because an earlier call may have been carried out.
 */
export function decideReference(
  { reason, isContradicted }: { readonly reason: DeadLetterReason; readonly isContradicted: boolean },
  { sentCount, openCount, isPastForgotten }: Sends,
): { readonly keepsReference: boolean; readonly asksFirst: boolean } {
  if (isContradicted) return { keepsReference: true, asksFirst: true };
  if (reason === 'refused' || sentCount === 0) return { keepsReference: false, asksFirst: false };
  return { keepsReference: true, asksFirst: openCount > 0 || isPastForgotten };
}
