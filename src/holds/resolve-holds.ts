import { strict as assert } from 'node:assert';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { postToLedger } from '../ledger/post-to-ledger.ts';
import type { Posting } from '../ledger/posting.ts';
import type { Hold, HoldKey } from './hold.ts';
import { deleteHolds, insertHolds } from './holds.sql.ts';

/**
 * Ends holds inside the caller's transaction, and posts the result: a hold is captured if a posting in the same transaction takes the money
 * from its wallet, and released otherwise. Postings without a hold may come along. Resolving a hold deletes its row, so that it is resolved
 * only once (I10). What stays held of a hold that is captured in part is placed again, as `rest`: rows are never changed. Wallets are locked in ascending id order and holds after them (test/locks/lock-order.ts).
 * @param holds exactly as they were placed.
 * @param rest what is held from now on under the same names.
 * @throws AssertionError if one of them does not exist, or has a different amount or wallet; a check violation on `accounts_overdraft` if
 * less is held in its wallet; any error of `postToLedger`. Each of them must end the whole transaction.
 */
export async function resolveHolds(
  transaction: Transaction,
  {
    holds,
    postings,
    rest = [],
  }: {
    readonly holds: readonly PlacedHold[];
    readonly postings: readonly Posting[];
    readonly rest?: readonly Hold[];
  },
): Promise<void> {
  const released = holds.map((hold) => ({ ...hold, amountMinor: -hold.amountMinor }));
  const [, removed] = await sentTogether([
    postToLedger(transaction, postings, [...released, ...rest]),
    holds.length > 0 ? deleteHolds(transaction, holds) : Promise.resolve([]),
    rest.length > 0 ? insertHolds(transaction, rest) : Promise.resolve(),
  ]);
  const found = new Set(removed.map(nameOf));
  for (const hold of holds) assert(found.has(nameOf(hold)), `no such hold to resolve: ${nameOf(hold)}`);
}

type PlacedHold = Omit<Hold, 'expiresAt'>;

function nameOf({ userId, purpose, subjectId }: HoldKey): string {
  return `${purpose} ${subjectId} of user ${userId}`;
}
