/** A wallet of a user; amounts in minor units of `currency`. */
export interface Wallet {
  readonly walletId: bigint;
  readonly userId: bigint;
  readonly currency: string;
  readonly postedMinor: bigint;
  /** Held by payments in progress. `postedMinor - heldMinor` is available. */
  readonly heldMinor: bigint;
  readonly createdAt: Date;
}
