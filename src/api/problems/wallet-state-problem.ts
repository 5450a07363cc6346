import type { StateRefusal } from '../../ledger/decide-wallet-state.ts';
import { Problem } from './problem.ts';

/**
 * Why the state of a wallet refuses what was asked for.
 * @param field the one that led to the wallet.
 */
export function walletStateProblem({ kind, walletId }: StateRefusal, field: string): Problem {
  const state = kind === 'wallet_frozen' ? 'frozen' : 'closed';
  return new Problem(`wallet-${state}`, {
    detail: `Wallet ${walletId} is ${state}. Nothing was done.`,
    errors: [{ field, message: `leads to wallet ${walletId}, which is ${state}` }],
    extensions: { wallet_id: Number(walletId) },
  });
}
