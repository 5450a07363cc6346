import type { Transaction } from '../shared/database.ts';
import { insertPostings } from './post-to-ledger.sql.ts';
import { assertBalanced, mergeLegs, type Posting, sumBalanceChanges } from './posting.ts';

/**
 * Writes a batch of postings inside the caller's transaction: headers, entries and the balances of wallets.
 * Wallets are locked in ascending id order, after whatever the caller has locked (lock-order.ts).
 * @throws AssertionError when a posting does not sum to zero;
 *   a unique violation on `ledger_transactions_step_once` when a step was posted before;
 *   a check violation on `accounts_overdraft` when a wallet would go below its floor.
 *   Each of them must end the whole transaction.
 */
export async function postToLedger(transaction: Transaction, postings: readonly Posting[]): Promise<void> {
  const written = postings.map((posting) => ({ ...posting, legs: mergeLegs(posting.legs) }));
  for (const posting of written) assertBalanced(posting);
  if (written.length > 0) await insertPostings(transaction, written, sumBalanceChanges(written));
}
