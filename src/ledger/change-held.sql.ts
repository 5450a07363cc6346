import { strict as assert } from 'node:assert';
import type { Transaction } from '../database/database.ts';
import type { BalanceChange } from './posting.ts';

/**
 * Changes what is held in wallets, where nothing is posted. Accepting withdrawals and holding money is all that a batch of them does to the
 * ledger, and the statement that can post costs twice as much.
 *
 * The changes come in ascending id order, and each wallet is found by its key, so wallets are locked in that order (test/locks/lock-order.ts).
 */
export async function changeHeld(transaction: Transaction, changes: readonly BalanceChange[]): Promise<void> {
  const { rowCount } = await transaction.query({
    name: 'ledger-change-held',
    text: `
      update accounts as account
      set held = account.held + change.held
      from unnest($1::bigint[], $2::text[], $3::bigint[]) as change (account_id, currency, held)
      where account.id = change.account_id
        and account.currency = change.currency`,
    values: [
      changes.map(({ accountId }) => accountId),
      changes.map(({ currency }) => currency),
      changes.map(({ heldMinor }) => heldMinor),
    ],
  });
  assert(
    rowCount === changes.length,
    `${changes.length} held amounts should have changed, each in the currency of its wallet, but ${rowCount} did`,
  );
}
