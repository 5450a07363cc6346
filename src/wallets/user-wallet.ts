/** A wallet with what its user is called; amounts in minor units of `currency`. */
export interface UserWallet {
  readonly userId: bigint;
  /** The UUID by which another system calls the user. */
  readonly externalId: string | null;
  readonly walletId: bigint;
  readonly currency: string;
  readonly postedMinor: bigint;
  readonly createdAt: Date;
  /** When something was last posted to it; when it was opened, if nothing was. */
  readonly updatedAt: Date;
}
