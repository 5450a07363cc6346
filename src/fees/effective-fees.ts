import type { Percent } from '../money/percent.ts';
import { chooseFee, defaultFee } from './choose-fee.ts';
import { FEE_KINDS, type Fee, type FeeKind, type ScheduledFee } from './fee.ts';

/**
 * What is charged at a moment: for a currency the one fee of each kind that goes for it, or else all rows, with the default of each kind
 * that has no row for every currency. Pure.
 * @param valid the rows that are valid at the moment.
 */
export function effectiveFees(
  valid: readonly ScheduledFee[],
  { kind, currency }: { readonly kind: FeeKind | undefined; readonly currency: string | undefined },
  defaultPercent: Percent,
): (ScheduledFee | Fee)[] {
  const kinds = kind === undefined ? FEE_KINDS : [kind];
  return kinds.flatMap((each): (ScheduledFee | Fee)[] => {
    if (currency !== undefined) return [chooseFee(valid, { kind: each, currency }, defaultPercent)];
    const rows = valid.filter((row) => row.kind === each);
    const isCovered = rows.some((row) => row.currency === null);
    return isCovered ? rows : [...rows, defaultFee(each, defaultPercent)];
  });
}
