import type { WalletState } from '../ledger/wallet-state.ts';

/** What never changes of a wallet. */
export type WalletIdentity = Pick<Wallet, 'walletId' | 'userId' | 'currency' | 'name'>;

/** A wallet of a user; amounts in minor units of `currency`. */
export interface Wallet {
  readonly walletId: bigint;
  readonly userId: bigint;
  readonly currency: string;
  /** Empty for the one that is meant where the user and the currency are named. */
  readonly name: string;
  readonly state: WalletState;
  readonly postedMinor: bigint;
  /** Held by payments in progress and for orders. `postedMinor - heldMinor` is available. */
  readonly heldMinor: bigint;
  readonly createdAt: Date;
}
