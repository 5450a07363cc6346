import { strict as assert } from 'node:assert';
import type { Pool, Transaction } from '../database/database.ts';
import { inSlices } from '../database/transactions/in-slices.ts';
import { inTransaction, sentTogether } from '../database/transactions/transaction.ts';
import { resolveHolds } from '../holds/resolve-holds.ts';
import { lockFreeWallets } from '../ledger/try-lock-wallets.sql.ts';
import { failpoint } from '../process/failpoints/failpoint.ts';
import { endOf } from './decide-resolution.ts';
import { type DueOrderHold, type DuePlace, lockDueOrderHolds } from './due-order-holds.sql.ts';
import { reservationOf } from './order-hold.ts';
import { isEnded, updateOrderHolds } from './update-order-holds.sql.ts';

const SLICE_ROWS = 500;
/** The next sweep, a second later, goes on with what is left. */
const RUN_MS = 10_000;

/**
 * Lets go what is held for orders whose time is over, by the clock of the database, in short transactions. It waits for nobody: a hold
 * that is being captured at this moment, or whose wallet somebody has, is left to the next sweep. Any number of processes may do this
 * at any time.
 * @returns how many holds have expired.
 */
export async function expireOrderHolds(
  pool: Pool,
  { onExpired = () => {}, sliceRows = SLICE_ROWS }: ExpiryOptions = {},
): Promise<number> {
  let after: DuePlace | null = null;
  let expiredCount = 0;
  await inSlices({
    rowLimit: sliceRows,
    runMs: RUN_MS,
    async takeSlice(limit) {
      const slice = await inTransaction(pool, (transaction) => expireSlice(transaction, { after, limit }), {
        // One that wrote nothing has nothing that could be looked for, and nothing to lose.
        isWritten: async (queryable, { expired: [first] }) =>
          first !== undefined && (await isEnded(queryable, first.ended, first.due.seenAt)),
      });
      failpoint('expire_holds.after_commit');
      after = slice.last ?? after;
      expiredCount += slice.expired.length;
      if (slice.expired.length > 0) onExpired(slice.expired.length);
      return { rowCount: slice.dueCount, isDone: slice.dueCount < limit };
    },
  });
  return expiredCount;
}

export interface ExpiryOptions {
  /** Fires for each slice, once it is committed. */
  readonly onExpired?: (count: number) => void;
  readonly sliceRows?: number;
}

async function expireSlice(
  transaction: Transaction,
  { after, limit }: { readonly after: DuePlace | null; readonly limit: number },
) {
  const due = await lockDueOrderHolds(transaction, { after, limit });
  const free = await lockFreeWallets(
    transaction,
    due.map(({ walletId }) => walletId),
  );
  const expired = due.filter(({ walletId }) => free.has(walletId)).map(expire);
  if (expired.length > 0) {
    const changes = expired.map(({ due: before, ended }) => ({
      before,
      after: ended,
      resolvedAt: before.seenAt,
    }));
    const [changedCount] = await sentTogether([
      updateOrderHolds(transaction, changes),
      resolveHolds(transaction, { holds: changes.map(({ before }) => reservationOf(before)), postings: [] }),
    ]);
    assert(
      changedCount === changes.length,
      `${changes.length} holds were to expire, and ${changedCount} did`,
    );
    failpoint('expire_holds.before_commit');
  }
  return { expired, dueCount: due.length, last: due.at(-1) };
}

function expire(due: DueOrderHold) {
  return { due, ended: endOf(due, { status: 'expired', resolvedAt: due.expiresAt }) };
}
