import type { ExchangeRate } from './exchange-rate.ts';

/** Why a rate cannot be approved or refused, in one sentence for a person. */
export function explainNotHeld({
  id,
  state,
  refusedBy,
  refusedAt,
}: Pick<ExchangeRate, 'id' | 'state' | 'refusedBy' | 'refusedAt'>): string {
  return state === 'refused'
    ? `Rate ${id} was refused by ${refusedBy} at ${refusedAt?.toISOString()}; it is asked about again when its source has named another number.`
    : `Rate ${id} is not held: it counts already.`;
}
