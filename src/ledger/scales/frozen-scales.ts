import type { Queryable } from '../../database/database.ts';
import { currencyScale, isKnownCurrency } from '../../money/currency.ts';
import { StartError } from '../../process/lifecycle.ts';
import { type FrozenScale, selectFrozenScales } from './account-scales.sql.ts';

/**
 * Compares the scales that money is stored with and those that this version would read it with. Pure.
 * @returns a sentence for each currency in which an amount would change its value; empty if all is well.
 */
export function findScaleConflicts(frozen: readonly FrozenScale[]): string[] {
  return frozen.flatMap(({ currency, scale }) => {
    const kept = `Money in ${currency} is kept with ${scale} decimals`;
    if (!isKnownCurrency(currency)) return [`${kept}, and this version does not know the currency.`];
    const ours = currencyScale(currency);
    return ours === scale ? [] : [`${kept}, and this version counts ${ours}.`];
  });
}

/**
 * Makes sure that every amount is read with the scale that it was written with, for all existing accounts.
 * @throws StartError that names each currency with both scales.
 */
export async function requireFrozenScales(queryable: Queryable): Promise<void> {
  const conflicts = findScaleConflicts(await selectFrozenScales(queryable));
  if (conflicts.length > 0)
    throw new StartError(
      `${conflicts.join(' ')} Tollgate does not start, because every amount would change its value.`,
    );
}
