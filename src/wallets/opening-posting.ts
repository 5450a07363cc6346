import type { Posting } from '../ledger/posting.ts';
import type { SystemAccounts } from '../ledger/system-accounts.ts';
import type { Money } from '../money/money.ts';

/** A user's opening balance comes from equity. */
export function openingPosting(
  user: Money & { readonly userId: bigint; readonly walletId: bigint },
  accounts: SystemAccounts,
): Posting {
  const { userId, walletId, amountMinor, currency } = user;
  return {
    reference: `user:${userId}`,
    step: 'open',
    userId,
    legs: [
      { accountId: accounts.equity, balance: 'folded', amountMinor: -amountMinor, currency },
      { accountId: walletId, balance: 'kept', amountMinor, currency },
    ],
  };
}
