import type { Tally } from '../../commands/tally.ts';

/** What the house owns of a currency by converting (below zero: owes), and how much that may be either way. */
export interface Position {
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly limitMinor: bigint;
}

/** What a conversion adds to a position; below zero: takes from it. */
export interface PositionChange {
  readonly currency: string;
  readonly amountMinor: bigint;
}

/**
 * Decides whether positions may change like this after what earlier conversions of the batch have changed, and notes the changes if so.
 * A position beyond its limit may only shrink. A currency without a limit has no position here. Pure, except that it changes `tally`.
 * @returns the currency whose position would grow beyond its limit, if there is one.
 */
export function takePositions(
  positions: readonly Position[],
  changes: readonly PositionChange[],
  tally: Tally,
): string | undefined {
  const limited = changes.flatMap((change) => {
    const position = positions.find(({ currency }) => currency === change.currency);
    if (!position) return [];
    const nowMinor = position.amountMinor + tally.taken(nameOf(change));
    return [{ ...change, nowMinor, limitMinor: position.limitMinor }];
  });
  const refused = limited.find(({ nowMinor, amountMinor, limitMinor }) => {
    const thenMinor = sizeOf(nowMinor + amountMinor);
    return amountMinor !== 0n && thenMinor > limitMinor && thenMinor >= sizeOf(nowMinor);
  });
  if (refused) return refused.currency;
  for (const change of limited) tally.take(nameOf(change), change.amountMinor);
  return undefined;
}

function nameOf({ currency }: PositionChange): string {
  return `position ${currency}`;
}

function sizeOf(amountMinor: bigint): bigint {
  return amountMinor < 0n ? -amountMinor : amountMinor;
}
