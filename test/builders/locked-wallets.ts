import type { LockedWallet } from '../../src/commands/funds.ts';
import type { WalletState } from '../../src/ledger/wallet-state.ts';

/** Wallets under the lock of a batch: what is available in each, in minor units, all in one state. */
export function lockedWallets(
  available: Iterable<readonly [bigint, bigint]>,
  state: WalletState = 'open',
): Map<bigint, LockedWallet> {
  return new Map([...available].map(([walletId, availableMinor]) => [walletId, { availableMinor, state }]));
}
