/** What is left in the wallets of a batch for its next command, in minor units of each wallet's currency. */
export interface Funds {
  /** 0 for a wallet that is not locked, because nothing may be taken from it. */
  availableMinor(walletId: bigint): bigint;
  take(walletId: bigint, amountMinor: bigint): void;
  /** What one command of a batch brings is there for the next. */
  put(walletId: bigint, amountMinor: bigint): void;
}

/** @param locked what was available in each wallet when the batch locked it. */
export function createFunds(locked: ReadonlyMap<bigint, bigint>): Funds {
  const left = new Map(locked);
  const availableMinor = (walletId: bigint) => left.get(walletId) ?? 0n;
  return {
    availableMinor,
    take(walletId, amountMinor) {
      left.set(walletId, availableMinor(walletId) - amountMinor);
    },
    put(walletId, amountMinor) {
      left.set(walletId, availableMinor(walletId) + amountMinor);
    },
  };
}
