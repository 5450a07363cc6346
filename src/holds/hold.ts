import type { Money } from '../money/money.ts';

/** Identifies a hold: what it is for, and whose money it holds. There is at most one hold per subject and purpose. */
export interface HoldKey {
  readonly userId: bigint;
  readonly purpose: 'payment' | 'order';
  /** The payment, or what is held for an order. */
  readonly subjectId: bigint;
}

/** Reserved money in a wallet: it still belongs to the user, but nobody can spend it. */
export interface Hold extends HoldKey, Money {
  /** The wallet. */
  readonly accountId: bigint;
  /** When the hold may be released; null if only its subject's outcome decides. */
  readonly expiresAt: Date | null;
}
