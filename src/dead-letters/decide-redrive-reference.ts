import type { DeadLetterReason } from './letters/dead-letter-reasons.ts';

/** What became of the calls that were made under a reference, by every payment that has it. */
export interface Sends {
  /** Runs that may have sent something. */
  readonly sentCount: number;
  /** Of those, the ones of which it is not known that nothing was carried out. */
  readonly openCount: number;
  /** An earlier state of the database was put back since: there may have been more. */
  readonly isPastForgotten: boolean;
}

/**
 * Decides whether a payment that is made from a failed one keeps its reference at the gateway. Pure.
 * A new one is safe only where the old one cannot have moved money: after the gateway's own refusal, which it would repeat from
 * memory, or when nothing was ever sent. In every other case the same reference is what keeps a gateway from paying twice. A
 * refusal that something else contradicts is no such word.
 * @returns whether it asks the gateway before it sends, too: an earlier call may have been carried out.
 */
export function decideReference(
  { reason, isContradicted }: { readonly reason: DeadLetterReason; readonly isContradicted: boolean },
  { sentCount, openCount, isPastForgotten }: Sends,
): { readonly keepsReference: boolean; readonly asksFirst: boolean } {
  if (isContradicted) return { keepsReference: true, asksFirst: true };
  if (reason === 'refused' || sentCount === 0) return { keepsReference: false, asksFirst: false };
  return { keepsReference: true, asksFirst: openCount > 0 || isPastForgotten };
}
