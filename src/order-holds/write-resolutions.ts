import { strict as assert } from 'node:assert';
import type { Queryable, Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { resolveHolds } from '../holds/resolve-holds.ts';
import { isStepPosted } from '../ledger/posted-steps.sql.ts';
import type { Posting } from '../ledger/posting.ts';
import type { SystemAccounts } from '../ledger/system-accounts.ts';
import type { Resolution } from './decide-resolution.ts';
import { remainingMinor, reservationOf } from './order-hold.ts';
import { eventOfResolution } from './order-hold-events.ts';
import { isEnded, updateOrderHolds } from './update-order-holds.sql.ts';

/**
 * Writes resolutions: posts what is captured, and keeps reserved what is left. If several of a batch are about one hold, its rows change once,
 * from before the first to after the last.
 */
export async function writeResolutions(
  transaction: Transaction,
  resolutions: readonly Resolution[],
  accounts: ReadonlyMap<string, SystemAccounts>,
): Promise<void> {
  if (resolutions.length === 0) return;
  const changes = [...Map.groupBy(resolutions, ({ before }) => before.holdId).values()].map((ofHold) => {
    const [first, last] = [ofHold[0] as Resolution, ofHold.at(-1) as Resolution];
    return { before: first.before, after: last.after, resolvedAt: last.resolvedAt };
  });
  const stillHeld = changes.map(({ after }) => after).filter((after) => remainingMinor(after) > 0n);
  const [changedCount] = await sentTogether([
    updateOrderHolds(transaction, changes),
    resolveHolds(transaction, {
      holds: changes.map(({ before }) => reservationOf(before)),
      rest: stillHeld.map(reservationOf),
      postings: resolutions
        .filter(({ capturedMinor }) => capturedMinor > 0n)
        .map((row) => capture(row, accounts)),
    }),
    writeEvents(transaction, resolutions.map(eventOfResolution)),
  ]);
  assert(changedCount === changes.length, `${changes.length} holds were to change, and ${changedCount} did`);
}

/** Takes captured money from the wallet in which it was held. The captures of a hold are numbered. */
function capture(
  { before, after, capturedMinor, target }: Resolution,
  accounts: ReadonlyMap<string, SystemAccounts>,
): Posting {
  const { userId, walletId, currency } = before;
  const to =
    target === null
      ? { accountId: (accounts.get(currency) as SystemAccounts).sales, balance: 'folded' as const }
      : { accountId: target.walletId, userId: target.userId, balance: 'kept' as const };
  return {
    ...stepOf(after),
    userId,
    legs: [
      { accountId: walletId, balance: 'kept', amountMinor: -capturedMinor, currency },
      { ...to, amountMinor: capturedMinor, currency },
    ],
  };
}

function stepOf({ holdId, captureCount }: Resolution['after']) {
  return { reference: `hold:${holdId}`, step: `capture:${captureCount}` };
}

/**
 * Looks for what only this transaction can have written. If the hold has been captured again meanwhile, its row no longer shows this capture,
 * but the step in the ledger stays, and so does the end of a hold.
 */
export async function isResolutionWritten(
  queryable: Queryable,
  { after, capturedMinor, resolvedAt, begunAt }: Resolution,
): Promise<boolean> {
  if (capturedMinor > 0n) return await isStepPosted(queryable, { ...stepOf(after), createdAt: begunAt });
  return resolvedAt !== null && (await isEnded(queryable, after, resolvedAt));
}
