/** A wallet of a user; amounts in minor units of `currency`. */
export interface Wallet {
  readonly walletId: bigint;
  readonly userId: bigint;
  readonly currency: string;
  readonly postedMinor: bigint;
  /** Held by what is under way. What is available is `postedMinor - heldMinor`. */
  readonly heldMinor: bigint;
  readonly createdAt: Date;
}
