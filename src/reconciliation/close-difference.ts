import type { Pool, Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { writeEvents } from '../events/write-events.sql.ts';
import { isClosedBy, markClosed } from './close-differences.sql.ts';
import { eventOfDifference, type ToldDifference } from './difference-events.ts';

export interface Closing {
  readonly id: bigint;
  readonly by: string;
  readonly reason: string;
}

/**
 * Closes a difference that somebody has dealt with.
 * @returns undefined if it is already closed, or does not exist.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown if that is not known.
 */
export async function closeDifference(pool: Pool, closing: Closing): Promise<ToldDifference | undefined> {
  return await inTransaction(pool, (transaction) => closeInTransaction(transaction, closing), {
    isWritten: async (queryable, closed) => closed === undefined || (await isClosedBy(queryable, closing)),
  });
}

/** The same inside the caller's transaction. */
export async function closeInTransaction(
  transaction: Transaction,
  closing: Closing,
): Promise<ToldDifference | undefined> {
  const closed = await markClosed(transaction, closing);
  if (closed) await writeEvents(transaction, [eventOfDifference('ended', closed)]);
  return closed;
}
