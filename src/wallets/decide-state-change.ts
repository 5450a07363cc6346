import type { WalletState } from '../ledger/wallet-state.ts';

/** What a person can do to the state of a wallet. */
export type StateAction = 'freeze' | 'unfreeze' | 'close';

/** What counts for closing, as it is under the lock of the wallet. */
export interface StateFacts {
  readonly state: WalletState;
  readonly postedMinor: bigint;
  readonly heldMinor: bigint;
  /** Payments of the wallet whose outcome is not known yet. */
  readonly openPayments: number;
  /** Quotes that could still be taken, from or into the wallet. */
  readonly openQuotes: number;
}

export type StateDecision =
  | { readonly kind: 'changed'; readonly before: WalletState; readonly after: WalletState }
  /** It has the state already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'not_empty'; readonly facts: StateFacts };

const AFTER = { freeze: 'frozen', unfreeze: 'open', close: 'closed' } as const;

/**
 * Decides whether a wallet changes its state. A closed wallet stays closed. It is closed only once nothing is in it, held of it, or on its
 * way. Pure.
 */
export function decideStateChange(action: StateAction, facts: StateFacts): StateDecision {
  const after = AFTER[action];
  const { state: before } = facts;
  if (before === after) return { kind: 'unchanged' };
  if (before === 'closed') return { kind: 'closed' };
  const { postedMinor, heldMinor, openPayments, openQuotes } = facts;
  const isEmpty = postedMinor === 0n && heldMinor === 0n && openPayments === 0 && openQuotes === 0;
  if (action === 'close' && !isEmpty) return { kind: 'not_empty', facts };
  return { kind: 'changed', before, after };
}
