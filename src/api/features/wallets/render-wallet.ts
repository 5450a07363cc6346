import type { StoredResponse } from '../../../idempotency/used-key.ts';
import type { WalletStateChange } from '../../../ledger/wallet-state-changes.sql.ts';
import type { Opening } from '../../../wallets/open-wallet.ts';
import type { Wallet } from '../../../wallets/wallet.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';
import { WALLETS_PATH } from '../../describe/resource-paths.ts';
import { Problem, renderProblem } from '../../problems/problem.ts';

export function renderWallet(wallet: Wallet) {
  const { walletId, userId, currency, name, state, postedMinor, heldMinor, createdAt } = wallet;
  return {
    id: Number(walletId),
    user_id: Number(userId),
    currency,
    name: name === '' ? null : name,
    state,
    ...renderAmounts({ balance: postedMinor, held: heldMinor, available: postedMinor - heldMinor }, currency),
    created_at: createdAt.toISOString(),
  };
}

/** A wallet with what became of its state, newest first. */
export function renderWalletWithHistory(wallet: Wallet, changes: readonly WalletStateChange[]) {
  return {
    ...renderWallet(wallet),
    history: changes.map(({ at, action, before, after, by, reason }) => ({
      at: at.toISOString(),
      action,
      before,
      after,
      by,
      reason,
    })),
  };
}

/** The answer to a request for a wallet, as it is given now and on every replay. */
export function renderOpenedWallet(wallet: Wallet, how: Opening): StoredResponse {
  if (how === 'name_taken') {
    const { walletId, userId, currency, name } = wallet;
    const problem = new Problem('wallet-name-taken', {
      detail: `User ${userId} has a wallet of this name in ${currency}: wallet ${walletId}. Nothing was done.`,
      errors: [{ field: 'name', message: `is the name of wallet ${walletId} in ${currency}: ${name}` }],
      extensions: { wallet_id: Number(walletId) },
    });
    return { status: problem.status, body: renderProblem(problem, WALLETS_PATH) };
  }
  return { status: how === 'opened' ? 201 : 200, body: JSON.stringify(renderWallet(wallet)) };
}
