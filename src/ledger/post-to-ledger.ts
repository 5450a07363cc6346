import type { Transaction } from '../database/database.ts';
import { changeHeld } from './change-held.sql.ts';
import { insertPostings } from './post-to-ledger.sql.ts';
import { assertBalanced, type HeldChange, mergeLegs, type Posting, sumBalanceChanges } from './posting.ts';

/**
 * Writes a batch of postings inside the caller's transaction: headers, entries and wallet balances. Wallets are locked in ascending id
 * order, after whatever the caller has locked (test/locks/lock-order.ts).
 * @param heldChanges the changes of the wallets' held amounts. Only for `src/holds/`, which writes the matching hold rows.
 * @throws AssertionError if a posting does not sum to zero in each currency, or names a wallet with a different currency;
 * a unique violation on `ledger_transactions_step_once` if a step was already posted;
 * a check violation on `accounts_overdraft` if a wallet would go below its floor.
 *   Each of them must end the whole transaction.
 */
export async function postToLedger(
  transaction: Transaction,
  postings: readonly Posting[],
  heldChanges: readonly HeldChange[] = [],
): Promise<void> {
  const written = postings.map((posting) => ({ ...posting, legs: mergeLegs(posting.legs) }));
  for (const posting of written) assertBalanced(posting);
  const changes = sumBalanceChanges(written, heldChanges);
  if (written.length > 0) await insertPostings(transaction, written, changes);
  else if (changes.length > 0) await changeHeld(transaction, changes);
}
