/** Why a payment left the queue without success. */
export const DEAD_LETTER_REASONS = ['refused', 'attempts_exhausted', 'outcome_unknown', 'poison'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];
