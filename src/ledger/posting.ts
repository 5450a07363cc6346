import { strict as assert } from 'node:assert';

export type Layer = 'posted' | 'pending';

/** One leg of a posting, credit-positive: a positive amount is money that the account has more of. */
export interface Leg {
  readonly accountId: bigint;
  /** A wallet's balance is kept by the posting itself; a system account's is folded in the background. */
  readonly balance: 'kept' | 'folded';
  readonly layer: Layer;
  readonly amountMinor: bigint;
}

/** One ledger transaction before it is written. `reference` and `step` together happen at most once. */
export interface Posting {
  readonly reference: string;
  readonly step: string;
  readonly userId: bigint | null;
  /** Amounts of one currency; a posting in several currencies is one posting for each. */
  readonly legs: readonly Leg[];
}

/** The change of one account's kept balance. */
export interface BalanceChange {
  readonly accountId: bigint;
  readonly postedMinor: bigint;
  readonly pendingOutMinor: bigint;
}

/**
 * Checks that the legs of a posting sum to zero in each layer.
 * @throws AssertionError when they do not: such a posting would create or destroy money.
 */
export function assertBalanced(posting: Posting): void {
  const sums = { posted: 0n, pending: 0n };
  for (const leg of posting.legs) sums[leg.layer] += leg.amountMinor;
  assert(
    sums.posted === 0n && sums.pending === 0n,
    `posting ${posting.reference} ${posting.step} does not sum to zero: posted ${sums.posted}, pending ${sums.pending}`,
  );
}

/** Removes legs of zero (a fee that rounds to nothing) and adds up legs that meet on one account and layer. */
export function mergeLegs(legs: readonly Leg[]): Leg[] {
  const merged = new Map<string, Leg>();
  for (const leg of legs) {
    const key = `${leg.accountId} ${leg.layer}`;
    const sum = (merged.get(key)?.amountMinor ?? 0n) + leg.amountMinor;
    merged.set(key, { ...leg, amountMinor: sum });
  }
  return [...merged.values()].filter((leg) => leg.amountMinor !== 0n);
}

/** Adds up what a batch of postings changes on each account that keeps its balance, in ascending account order. */
export function sumBalanceChanges(postings: readonly Posting[]): BalanceChange[] {
  const changes = new Map<bigint, { postedMinor: bigint; pendingOutMinor: bigint }>();
  for (const { legs } of postings) {
    for (const { accountId, balance, layer, amountMinor } of legs) {
      if (balance === 'folded') continue;
      const change = changes.get(accountId) ?? { postedMinor: 0n, pendingOutMinor: 0n };
      if (layer === 'posted') change.postedMinor += amountMinor;
      else change.pendingOutMinor -= amountMinor;
      changes.set(accountId, change);
    }
  }
  return [...changes]
    .filter(([, change]) => change.postedMinor !== 0n || change.pendingOutMinor !== 0n)
    .map(([accountId, change]) => ({ accountId, ...change }))
    .sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}
