import { strict as assert } from 'node:assert';
import type { Pool, Transaction } from '../database/database.ts';
import { classifyDatabaseError } from '../database/transactions/classify-database-error.ts';
import { inSlices } from '../database/transactions/in-slices.ts';
import { doTogetherOrApart } from '../database/transactions/together-or-apart.ts';
import { inTransaction, sentTogether } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { resolveHolds } from '../holds/resolve-holds.ts';
import { lockFreeWallets } from '../ledger/try-lock-wallets.sql.ts';
import { failpoint } from '../process/failpoints/failpoint.ts';
import { endOf } from './decide-resolution.ts';
import {
  type DueOrderHold,
  type DuePlace,
  findDueOrderHolds,
  type LockedDueHold,
  lockDueOrderHolds,
} from './due-order-holds.sql.ts';
import { createHoldsSetAside, type HoldsSetAside } from './holds-set-aside.ts';
import { reservationOf } from './order-hold.ts';
import { eventOfExpired } from './order-hold-events.ts';
import { isEnded, updateOrderHolds } from './update-order-holds.sql.ts';

const SLICE_ROWS = 500;
/** The next sweep, a second later, goes on with what is left. */
const RUN_MS = 10_000;
/** Once a slice is taken apart, so that a locked row does not use up the time of the others. */
const LOCK_WAIT_APART_MS = 200;

export interface ExpiryOptions {
  /** Called for each transaction that let holds expire, once it is committed. */
  readonly onExpired?: (count: number) => void;
  /** Called for each hold that could not expire, while the others did. A later sweep tries it again. */
  readonly onFailed?: (hold: DueOrderHold, error: unknown) => void;
  readonly setAside?: HoldsSetAside;
  readonly sliceRows?: number;
}

/**
 * Releases what is held for orders whose time is over, by the clock of the database, in short transactions. A hold that is being captured at
 * this moment, or whose wallet is locked, is left to the next sweep. Holds expire together, or separately if one of them cannot. Any number of
 * processes may do this at any time.
 * @returns how many holds have expired.
 * @throws an error if the database is unavailable.
 */
export async function expireOrderHolds(
  pool: Pool,
  {
    onExpired = () => {},
    onFailed = () => {},
    setAside = createHoldsSetAside(),
    sliceRows = SLICE_ROWS,
  }: ExpiryOptions = {},
): Promise<number> {
  const giveUpAtMs = performance.now() + RUN_MS;
  let after: DuePlace | null = null;
  let expiredCount = 0;

  async function expire(due: readonly DueOrderHold[], lockWait: { readonly lockWaitMs?: number }) {
    const { count, damaged } = await expireTogether(pool, due, lockWait);
    expiredCount += count;
    if (count > 0) onExpired(count);
    for (const { hold, error } of damaged) fail(hold, error);
  }
  function fail(hold: DueOrderHold, error: unknown): void {
    // Another transaction has locked a row of it, or there was no time to try it by itself: the next sweep does.
    if (classifyDatabaseError(error).kind === 'lock_timeout' || performance.now() > giveUpAtMs) return;
    setAside.add(hold.holdId);
    onFailed(hold, error);
  }

  await inSlices({
    rowLimit: sliceRows,
    runMs: RUN_MS,
    async takeSlice(limit) {
      const found: DueOrderHold[] = await findDueOrderHolds(pool, { after, limit });
      const due = found.filter(({ holdId }) => !setAside.has(holdId));
      await doTogetherOrApart(due, {
        run: (some) => expire(some, some.length < due.length ? { lockWaitMs: LOCK_WAIT_APART_MS } : {}),
        giveUpAtMs,
        onFailed: fail,
      });
      after = found.at(-1) ?? after;
      return { rowCount: found.length, isDone: found.length < limit };
    },
  });
  return expiredCount;
}

/** @returns how many of them have expired, which is all that nobody else has locked, and those that never can. */
async function expireTogether(
  pool: Pool,
  due: readonly DueOrderHold[],
  lockWait: { readonly lockWaitMs?: number },
) {
  const { ended, damaged } = await inTransaction(pool, (transaction) => expireLocked(transaction, due), {
    ...lockWait,
    // A transaction that wrote nothing left nothing to look for, and lost nothing.
    isWritten: async (queryable, { ended: [first] }) =>
      first !== undefined && (await isEnded(queryable, first.after, first.resolvedAt)),
  });
  failpoint('expire_holds.after_commit');
  return {
    count: ended.length,
    damaged: damaged.map(({ userId, holdId, walletId, expiresAt }) => ({
      hold: { userId, holdId, dueAt: expiresAt.toISOString() },
      error: new Error(`hold ${holdId} is of account ${walletId}, which does not exist`),
    })),
  };
}

async function expireLocked(transaction: Transaction, due: readonly DueOrderHold[]) {
  const locked = await lockDueOrderHolds(transaction, due);
  const free = await lockFreeWallets(
    transaction,
    locked.map(({ walletId }) => walletId),
  );
  const ended = locked.filter(({ walletId }) => free.has(walletId)).map(endingOf);
  if (ended.length > 0) {
    const [changedCount] = await sentTogether([
      updateOrderHolds(transaction, ended),
      resolveHolds(transaction, { holds: ended.map(({ before }) => reservationOf(before)), postings: [] }),
      writeEvents(
        transaction,
        ended.map(({ after }) => eventOfExpired(after)),
      ),
    ]);
    assert(changedCount === ended.length, `${ended.length} holds were to expire, and ${changedCount} did`);
    failpoint('expire_holds.before_commit');
  }
  return { ended, damaged: locked.filter(({ hasWallet }) => !hasWallet) };
}

function endingOf(before: LockedDueHold) {
  const after = endOf(before, { status: 'expired', resolvedAt: before.expiresAt });
  return { before, after, resolvedAt: before.seenAt };
}
