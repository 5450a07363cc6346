import type { StoredResponse } from '../../../idempotency/used-key.ts';
import type { UserIds } from '../../../wallets/read-user-wallets.sql.ts';
import type { UserWallet } from '../../../wallets/user-wallet.ts';
import { renderAmounts } from '../../describe/render-amounts.ts';

/** What a user is called in an answer: the UUID that they were created with, otherwise the number. */
export function renderUserName({ userId, externalId }: UserIds): number | string {
  return externalId ?? Number(userId);
}

export function renderUserWallet(wallet: UserWallet) {
  const { currency, postedMinor, createdAt, updatedAt } = wallet;
  return {
    user_id: renderUserName(wallet),
    ...renderAmounts({ balance: postedMinor }, currency),
    currency,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

/** The answer to a request to create a user, the same now and at every replay. */
export function renderCreatedWallet(wallet: UserWallet, how: 'created' | 'found'): StoredResponse {
  return { status: how === 'created' ? 201 : 200, body: JSON.stringify(renderUserWallet(wallet)) };
}
