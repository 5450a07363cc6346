import type { WalletState } from '../ledger/wallet-state.ts';

/** A wallet as it is under its lock: nobody else changes it before the transaction ends. */
export interface LockedWallet {
  readonly availableMinor: bigint;
  readonly state: WalletState;
}

/** What is left in the wallets of a batch for its next command, in minor units of each wallet's currency, and whether it may go. */
export interface Funds {
  /** 0 for a wallet that is not locked, because nothing may be taken from it. */
  availableMinor(walletId: bigint): bigint;
  /** As it is under the lock of the batch, so that a freeze is before all of the batch or after it. */
  stateOf(walletId: bigint): WalletState;
  take(walletId: bigint, amountMinor: bigint): void;
  /** What one command of a batch brings is there for the next. */
  put(walletId: bigint, amountMinor: bigint): void;
}

/** @param locked each wallet as it was when the batch locked it. */
export function createFunds(locked: ReadonlyMap<bigint, LockedWallet>): Funds {
  const left = new Map([...locked].map(([id, { availableMinor }]) => [id, availableMinor]));
  const availableMinor = (walletId: bigint) => left.get(walletId) ?? 0n;
  return {
    availableMinor,
    stateOf: (walletId) => locked.get(walletId)?.state ?? 'open',
    take(walletId, amountMinor) {
      left.set(walletId, availableMinor(walletId) - amountMinor);
    },
    put(walletId, amountMinor) {
      left.set(walletId, availableMinor(walletId) + amountMinor);
    },
  };
}
