import { strict as assert } from 'node:assert';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Hold } from './hold.ts';
import { insertHolds } from './holds.sql.ts';

/**
 * Reserves money inside the caller's transaction: inserts a row for each hold, and adds to each wallet's held amount. Wallets are locked in
 * ascending id order, after whatever the caller has locked (test/locks/lock-order.ts). A caller that wants to refuse instead of failing must lock them
 * first and check what is available.
 * @throws AssertionError if an amount is not above zero, or not in the currency of its wallet; a check violation on `accounts_overdraft` if
 * a wallet does not have enough available; a unique violation on `holds_pkey` if the subject already has a hold. Each of them must end the
 * whole transaction.
 */
export async function placeHolds(transaction: Transaction, holds: readonly Hold[]): Promise<void> {
  if (holds.length === 0) return;
  for (const { purpose, subjectId, amountMinor } of holds)
    assert(amountMinor > 0n, `the hold of ${purpose} ${subjectId} is of ${amountMinor}`);
  await sentTogether([postToLedger(transaction, [], holds), insertHolds(transaction, holds)]);
}
