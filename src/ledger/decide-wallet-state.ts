import type { WalletState } from './wallet-state.ts';

/** The state of a wallet refuses what was asked for. */
export type StateRefusal =
  | { readonly kind: 'wallet_frozen'; readonly walletId: bigint }
  | { readonly kind: 'wallet_closed'; readonly walletId: bigint };

/** What a frozen wallet does with money that somebody wants to bring (`WALLET_FROZEN_CREDITS`). */
export type FrozenCredits = 'accept' | 'refuse';

export interface WalletInState {
  readonly walletId: bigint;
  readonly state: WalletState;
}

/** Why money may not be taken from a wallet, or reserved in it; undefined if it may. Pure. */
export function decideDebit({ walletId, state }: WalletInState): StateRefusal | undefined {
  if (state === 'open') return undefined;
  return { kind: state === 'frozen' ? 'wallet_frozen' : 'wallet_closed', walletId };
}

/**
 * Why a wallet takes no money that somebody wants to bring; undefined if it does. Money that has moved already is not asked about: it is
 * always posted. Pure.
 */
export function decideCredit(
  wallet: WalletInState,
  { frozenCredits }: { readonly frozenCredits: FrozenCredits },
): StateRefusal | undefined {
  return wallet.state === 'frozen' && frozenCredits === 'accept' ? undefined : decideDebit(wallet);
}
