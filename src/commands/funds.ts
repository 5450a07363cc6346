/** What the wallets of a batch have left for its next command, in minor units of each wallet's currency. */
export interface Funds {
  /** 0 for a wallet that is not locked: nothing may be taken from it. */
  availableMinor(walletId: bigint): bigint;
  take(walletId: bigint, amountMinor: bigint): void;
}

/** @param locked what each wallet that the batch has locked had available when it was locked. */
export function createFunds(locked: ReadonlyMap<bigint, bigint>): Funds {
  const left = new Map(locked);
  const availableMinor = (walletId: bigint) => left.get(walletId) ?? 0n;
  return {
    availableMinor,
    take(walletId, amountMinor) {
      left.set(walletId, availableMinor(walletId) - amountMinor);
    },
  };
}
