import { strict as assert } from 'node:assert';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Hold } from './hold.ts';
import { insertHolds } from './holds.sql.ts';

/**
 * Reserves money inside the caller's transaction: a row for each hold, and what is held of each wallet.
 * Wallets are locked in ascending id order, after whatever the caller has locked (lock-order.ts). Whoever wants to refuse instead
 * of failing has locked them before and looked at what they have available.
 * @throws AssertionError when an amount is not above zero, or is not in the currency of its wallet;
 *   a check violation on `accounts_overdraft` when a wallet has not so much available;
 *   a unique violation on `holds_pkey` when its subject holds already. Each of them must end the whole transaction.
 */
export async function placeHolds(transaction: Transaction, holds: readonly Hold[]): Promise<void> {
  if (holds.length === 0) return;
  for (const { purpose, subjectId, amountMinor } of holds)
    assert(amountMinor > 0n, `the hold of ${purpose} ${subjectId} is of ${amountMinor}`);
  await sentTogether([postToLedger(transaction, [], holds), insertHolds(transaction, holds)]);
}
