/** What a person says became of a payment whose outcome the gateway does not tell. */
export const RESOLUTION_OUTCOMES = ['executed', 'not_executed'] as const;
export type ResolutionOutcome = (typeof RESOLUTION_OUTCOMES)[number];
