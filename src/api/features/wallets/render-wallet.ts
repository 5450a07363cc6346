import type { StoredResponse } from '../../../idempotency/used-key.ts';
import type { Wallet } from '../../../wallets/wallet.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';

export function renderWallet(wallet: Wallet) {
  const { walletId, userId, currency, postedMinor, heldMinor, createdAt } = wallet;
  return {
    id: Number(walletId),
    user_id: Number(userId),
    currency,
    ...renderAmounts({ balance: postedMinor, held: heldMinor, available: postedMinor - heldMinor }, currency),
    created_at: createdAt.toISOString(),
  };
}

/** The answer to a request for a wallet, as it is given now and on every replay. */
export function renderOpenedWallet(wallet: Wallet, how: 'opened' | 'found'): StoredResponse {
  return { status: how === 'opened' ? 201 : 200, body: JSON.stringify(renderWallet(wallet)) };
}
