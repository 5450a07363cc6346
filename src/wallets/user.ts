/** A user with the wallet that payments go to and come from; amounts in minor units of `currency`. */
export interface User {
  readonly userId: bigint;
  /** The UUID by which another system calls the user. */
  readonly externalId: string | null;
  readonly currency: string;
  readonly postedMinor: bigint;
  /** Held by payments in progress and for orders. `postedMinor - heldMinor` is available. */
  readonly heldMinor: bigint;
  /** What open deposits will add once they are settled, after their fee. */
  readonly pendingInMinor: bigint;
  readonly createdAt: Date;
}
