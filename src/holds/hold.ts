import type { Money } from '../money/money.ts';

/** Names a hold: what it is for, and of which user. Whoever reserves money for something holds it once. */
export interface HoldKey {
  readonly userId: bigint;
  readonly purpose: 'payment';
  /** The payment. */
  readonly subjectId: bigint;
}

/** Money of a wallet that is reserved: it is still the user's, and nobody can spend it. */
export interface Hold extends HoldKey, Money {
  /** The wallet. */
  readonly accountId: bigint;
  /** When it may be let go; null where only its subject's outcome decides. */
  readonly expiresAt: Date | null;
}
