import { strict as assert } from 'node:assert';
import { type Money, sumByCurrency } from '../money/money.ts';

/** One leg of a posting, credit-positive: a positive amount is money that the account gains. */
export interface Leg extends Money {
  readonly accountId: bigint;
  /** The posting itself updates a wallet's balance; a system account's balance is folded in the background. */
  readonly balance: 'kept' | 'folded';
  /** Whose wallet it is, where that is not the user of the posting. */
  readonly userId?: bigint;
}

/** One ledger transaction before it is written. Each pair of `reference` and `step` can be posted only once. */
export interface Posting {
  readonly reference: string;
  readonly step: string;
  readonly userId: bigint | null;
  readonly legs: readonly Leg[];
}

/** The change of a wallet's held amount. */
export interface HeldChange extends Money {
  readonly accountId: bigint;
}

/** The change of one account's stored balance. */
export interface BalanceChange {
  readonly accountId: bigint;
  readonly currency: string;
  readonly postedMinor: bigint;
  readonly heldMinor: bigint;
}

/**
 * Checks that the legs of a posting sum to zero in each currency.
 * @throws AssertionError if they do not: such a posting would create or destroy money.
 */
export function assertBalanced({ reference, step, legs }: Posting): void {
  for (const [currency, sum] of sumByCurrency(legs))
    assert(sum === 0n, `posting ${reference} ${step} does not sum to zero: ${sum} in ${currency}`);
}

/**
 * Removes legs of zero (such as a fee that rounds to nothing) and adds up legs of the same account.
 * @throws AssertionError if their currencies differ, because an account has only one.
 */
export function mergeLegs(legs: readonly Leg[]): Leg[] {
  const merged = new Map<bigint, Leg>();
  for (const leg of legs) {
    const before = merged.get(leg.accountId);
    assertSameCurrency(leg, before);
    merged.set(leg.accountId, { ...leg, amountMinor: (before?.amountMinor ?? 0n) + leg.amountMinor });
  }
  return [...merged.values()].filter((leg) => leg.amountMinor !== 0n);
}

/**
 * Adds up what a batch of postings and holds changes on each account with a stored balance, in ascending account order.
 * @throws AssertionError if one account is named with different currencies.
 */
export function sumBalanceChanges(
  postings: readonly Posting[],
  heldChanges: readonly HeldChange[],
): BalanceChange[] {
  const changes = new Map<bigint, { currency: string; postedMinor: bigint; heldMinor: bigint }>();
  const changeOf = ({ accountId, currency }: HeldChange) => {
    const change = changes.get(accountId) ?? { currency, postedMinor: 0n, heldMinor: 0n };
    assertSameCurrency({ accountId, currency }, change);
    changes.set(accountId, change);
    return change;
  };
  for (const { legs } of postings)
    for (const leg of legs) if (leg.balance === 'kept') changeOf(leg).postedMinor += leg.amountMinor;
  for (const held of heldChanges) changeOf(held).heldMinor += held.amountMinor;
  return [...changes]
    .filter(([, change]) => change.postedMinor !== 0n || change.heldMinor !== 0n)
    .map(([accountId, change]) => ({ accountId, ...change }))
    .sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

function assertSameCurrency(
  { accountId, currency }: Pick<HeldChange, 'accountId' | 'currency'>,
  other: { readonly currency: string } | undefined,
): void {
  assert(
    other === undefined || other.currency === currency,
    `account ${accountId} is named with amounts in ${other?.currency} and in ${currency}`,
  );
}
