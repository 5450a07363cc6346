import type { Pool, Queryable, Transaction } from '../database.ts';
import { classifyDatabaseError } from './classify-database-error.ts';
import { CommitNotReplicated, CommitOutcomeUnknown } from './commit-outcome.ts';
import { markRolledBack } from './may-have-been-written.ts';
import { proveReplicated, readBack } from './read-back.ts';
import { beginTransaction, commitTransaction } from './transaction.sql.ts';

/** PostgreSQL's in_failed_sql_transaction. */
const TRANSACTION_IS_ABORTED = '25P02';

/** How long to ask about a lost COMMIT before its outcome counts as unknown. */
const DEFAULT_READ_BACK_MS = 5000;

/** A transaction whose first statements read and lock what the rest of it works with. */
export interface ReadThenWrite<Facts, Result> {
  /** Sent together with BEGIN, before it is known whether BEGIN succeeded, so it must not write. */
  readonly read: (transaction: Transaction) => Promise<Facts>;
  readonly write: (transaction: Transaction, facts: Facts) => Promise<Result>;
}

export interface TransactionOptions<T> {
  readonly readBackMs?: number;
  /** How long each statement may wait for a locked row; by default as set for the connection. */
  readonly lockWaitMs?: number | undefined;
  /**
   * Looks for a lasting row that only this transaction can have written. Called after a lost COMMIT if the transaction's id belongs to a
   * committed transaction, which need not be this one. Without it, such an outcome stays unknown.
   */
  readonly isWritten?: (queryable: Queryable, result: T) => Promise<boolean>;
}

/**
 * Runs `work` in one transaction and commits it. Statements that are started without awaiting each other are sent together and run in that
 * order; if one fails, those after it fail too. `work` must use only the transaction that it is given: waiting for another connection of
 * the same pool can deadlock with somebody who holds one and waits for our locks.
 *
 * If the connection is lost during COMMIT, it is open whether the commit happened. We then look up the transaction's id, noted at its
 * start, on another connection. "Aborted" is certain, but "committed" may be about another transaction, because a crashed server reuses ids
 * that had not reached its disk. So we also look for what the transaction wrote. And a commit may not have reached a synchronous standby,
 * if the wait for it was ended: it counts as written only once a later commit has been acknowledged.
 * @throws any error of `work`, and then nothing was written; CommitOutcomeUnknown if it may have been written.
 */
export async function inTransaction<T, Facts = undefined>(
  pool: Pool,
  work: ((transaction: Transaction) => Promise<T>) | ReadThenWrite<Facts, T>,
  { readBackMs = DEFAULT_READ_BACK_MS, lockWaitMs, isWritten }: TransactionOptions<T> = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  let isReleased = false;
  const release = () => {
    if (!isReleased) client.release(broken);
    isReleased = true;
  };
  try {
    const { read, write } = typeof work === 'function' ? { read: undefined, write: work } : work;
    const [transactionId, facts] = await sentTogether([
      beginTransaction(client, { lockWaitMs }),
      read?.(client) ?? Promise.resolve(undefined),
    ]);
    const result = await write(client, facts as Facts);
    try {
      await commitTransaction(client);
    } catch (error) {
      if ((error as { code?: string }).code === TRANSACTION_IS_ABORTED)
        throw new Error('a statement failed unnoticed, so COMMIT would be a ROLLBACK', { cause: error });
      if (!classifyDatabaseError(error).leavesOutcomeOpen) throw error;
      if (error instanceof CommitNotReplicated && (await isReplicatedByNow(client, readBackMs)))
        return result;
      broken = error as Error;
      if (error instanceof CommitNotReplicated) throw error;
      // Free its place in the pool, which the read-back needs.
      release();
      const look = isWritten && ((queryable: Queryable) => isWritten(queryable, result));
      if ((await readBack(pool, { transactionId, readBackMs, look })) === 'aborted') throw error;
    }
    return result;
  } catch (error) {
    broken ??= await rollBack(client, error);
    if (!(error instanceof CommitOutcomeUnknown)) markRolledBack(error);
    throw error;
  } finally {
    release();
  }
}

/**
 * Waits for statements that were sent together and returns their results in order.
 * @throws the error of the first statement that failed. Later ones in its transaction only report that the transaction is aborted.
 */
export async function sentTogether<Results extends readonly unknown[]>(
  statements: {
    readonly [Index in keyof Results]: Promise<Results[Index]>;
  },
): Promise<Results> {
  const ended = await Promise.allSettled(statements);
  const errors = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  if (errors.length > 0) throw errors.find((error) => error?.code !== TRANSACTION_IS_ABORTED) ?? errors[0];
  return ended.map((end) => (end as PromiseFulfilledResult<unknown>).value) as unknown as Results;
}

/** Returns why the connection must not be used again, if so. */
async function rollBack(client: Transaction, cause: unknown): Promise<Error | undefined> {
  const { isConnectionLost } = classifyDatabaseError(cause);
  // A server that did not answer will not answer a rollback either, and closing the connection has the same effect.
  if (isConnectionLost) return cause as Error;
  try {
    await client.query('rollback');
    // The pool's guard decides whether the session may be used again.
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function isReplicatedByNow(client: Transaction, waitMs: number): Promise<boolean> {
  return await proveReplicated(client, waitMs).then(
    () => true,
    () => false,
  );
}
