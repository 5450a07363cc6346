import {
  type ModelState,
  type ModelWallet,
  type StateAction,
  type WalletName,
  type WalletState,
  walletKey,
} from './state.ts';

/** The code of a refusal because of the state of a wallet. */
export type StateRefusal = 'wallet-frozen' | 'wallet-closed';

const AFTER: Readonly<Record<StateAction, WalletState>> = {
  freeze: 'frozen',
  unfreeze: 'open',
  close: 'closed',
};

/** Wallets, what is in them, and whether anything goes in or out. */
export function createWalletsOracle(
  { wallets, frozenCredits }: ModelState,
  {
    held,
    hasOpen,
  }: {
    readonly held: (name: WalletName) => bigint;
    /** Whether a payment of a wallet is under way, or a quote of it can be taken. */
    readonly hasOpen: (name: WalletName) => boolean;
  },
) {
  const find = (name: WalletName) => wallets.get(walletKey(name)) as ModelWallet;
  const refuses = (name: WalletName): StateRefusal | undefined => {
    const { state } = find(name);
    if (state === 'open') return undefined;
    return state === 'frozen' ? 'wallet-frozen' : 'wallet-closed';
  };

  return {
    hasWallet: (name: WalletName) => wallets.has(walletKey(name)),
    posted: (name: WalletName) => find(name).posted,
    available: (name: WalletName) => find(name).posted - held(name),
    openWallet({ userId, currency, name }: WalletName): void {
      const wallet = { userId, currency, name, posted: 0n, state: 'open' as const, changes: [] };
      wallets.set(walletKey(wallet), wallet);
    },
    post(name: WalletName, amount: bigint): void {
      find(name).posted += amount;
    },

    stateOf: (name: WalletName) => find(name).state,
    /** Why nothing may be taken from a wallet, or promised; undefined if it may. */
    refusesDebit: refuses,
    /** Why a wallet takes no money that somebody wants to bring; undefined if it does. */
    refusesCredit(name: WalletName, how = frozenCredits): StateRefusal | undefined {
      return find(name).state === 'frozen' && how === 'accept' ? undefined : refuses(name);
    },
    /** What becomes of a wallet that a person wants to freeze, open again or close. */
    changeState(name: WalletName, action: StateAction): 'done' | 'wallet-closed' | 'wallet-not-empty' {
      const wallet = find(name);
      const [before, after] = [wallet.state, AFTER[action]];
      if (before === after) return 'done';
      if (before === 'closed') return 'wallet-closed';
      const isEmpty = wallet.posted === 0n && held(name) === 0n && !hasOpen(name);
      if (action === 'close' && !isEmpty) return 'wallet-not-empty';
      wallet.state = after;
      wallet.changes.push({ action, before, after });
      return 'done';
    },
    changesOf: (name: WalletName) => find(name).changes,
  };
}
