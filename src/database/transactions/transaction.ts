import type { Pool, Queryable, Transaction } from '../database.ts';
import { classifyDatabaseError } from './classify-database-error.ts';
import { CommitNotReplicated, CommitOutcomeUnknown } from './commit-outcome.ts';
import { noteRolledBack } from './known-unwritten.ts';
import { proveReplicated, readBack } from './read-back.ts';
import { beginTransaction, commitTransaction } from './transaction.sql.ts';

/** PostgreSQL's in_failed_sql_transaction. */
const TRANSACTION_IS_ABORTED = '25P02';

/** How long a lost COMMIT is asked about before its outcome counts as unknown. */
const DEFAULT_READ_BACK_MS = 5000;

/** A transaction whose first statements read (and lock) what the rest of it works with. */
export interface ReadThenWrite<Facts, Result> {
  /** Sent together with BEGIN, before it is known whether that succeeded: it must not write. */
  readonly read: (transaction: Transaction) => Promise<Facts>;
  readonly write: (transaction: Transaction, facts: Facts) => Promise<Result>;
}

export interface TransactionOptions<T> {
  readonly readBackMs?: number;
  /** How long each statement may wait for a row that another transaction holds; without it, as the connection's setting says. */
  readonly lockWaitMs?: number | undefined;
  /**
   * Looks for a row that this transaction alone can have written, and that stays. Asked when COMMIT was lost and the id of
   * the transaction is that of a committed one, which need not be this one. Without it, such an outcome stays unknown.
   */
  readonly isWritten?: (queryable: Queryable, result: T) => Promise<boolean>;
}

/**
 * Runs `work` in one transaction and commits it. Statements that are started without waiting for each other are sent
 * together and run in that order; when one fails, those after it fail too. `work` uses nothing but the transaction it is
 * given: another connection of the same pool may be one that somebody waits for while holding what we wait for.
 *
 * A connection that is lost while COMMIT is under way leaves open whether it happened. The transaction's id, noted at its
 * start, is then asked about on another connection: "aborted" is the truth, but "committed" may speak of another
 * transaction, because a server that crashed gives ids out again that had not reached its disk. So what was to be written
 * is looked for, too. And what is committed may not have reached a synchronous standby, when the wait for it was ended: it
 * counts as written once a later commit has been acknowledged.
 * @throws whatever `work` throws, and then nothing was written; CommitOutcomeUnknown when it may have been.
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
      // Its place in the pool is needed to ask what became of it.
      release();
      const look = isWritten && ((queryable: Queryable) => isWritten(queryable, result));
      if ((await readBack(pool, { transactionId, readBackMs, look })) === 'aborted') throw error;
    }
    return result;
  } catch (error) {
    broken ??= await rollBack(client, error);
    if (!(error instanceof CommitOutcomeUnknown)) noteRolledBack(error);
    throw error;
  } finally {
    release();
  }
}

/**
 * Waits for statements that were sent together and gives their results in order.
 * @throws the error of the first that failed by itself. Those behind it in its transaction only say that it is aborted.
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

/** Gives why the connection must not be used again, if it must not. */
async function rollBack(client: Transaction, cause: unknown): Promise<Error | undefined> {
  const { isConnectionLost } = classifyDatabaseError(cause);
  // A server that gave no answer gives none to a rollback either, and the end of the connection does the same.
  if (isConnectionLost) return cause as Error;
  try {
    await client.query('rollback');
    // Whether the session may be used again after what it said is for the pool's guard to know.
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
