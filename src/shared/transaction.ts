import { setTimeout as sleep } from 'node:timers/promises';
import { classifyDatabaseError } from './classify-database-error.ts';
import type { Pool, Queryable, Transaction } from './database.ts';
import { abandonTransaction, beginTransaction, readTransactionStatus } from './transaction.sql.ts';

/** COMMIT was sent, the connection was lost, and the database could not be asked what became of it. */
export class CommitOutcomeUnknown extends Error {
  override readonly name = 'CommitOutcomeUnknown';
}

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
  /**
   * Looks for a row that this transaction alone can have written, and that stays. Asked when COMMIT was lost and the id of
   * the transaction is that of a committed one, which need not be this one. Without it, such an outcome stays unknown.
   */
  readonly isWritten?: (queryable: Queryable, result: T) => Promise<boolean>;
}

/**
 * Runs `work` in one transaction and commits it. Statements that are started without waiting for each other are sent
 * together and run in that order; when one fails, those after it fail too.
 *
 * A connection that is lost while COMMIT is under way leaves open whether it happened. The transaction's id, noted at its
 * start, is then asked about on another connection: "aborted" is the truth, but "committed" may speak of another
 * transaction, because a server that crashed gives ids out again that had not reached its disk. So what was to be written
 * is looked for, too.
 * @throws whatever `work` throws, and then nothing was written; CommitOutcomeUnknown when it may have been.
 */
export async function inTransaction<T, Facts = undefined>(
  pool: Pool,
  work: ((transaction: Transaction) => Promise<T>) | ReadThenWrite<Facts, T>,
  { readBackMs = DEFAULT_READ_BACK_MS, isWritten }: TransactionOptions<T> = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { read, write } = typeof work === 'function' ? { read: undefined, write: work } : work;
    const [transactionId, facts] = await sentTogether([
      beginTransaction(client),
      read?.(client) ?? Promise.resolve(undefined),
    ]);
    const result = await write(client, facts as Facts);
    let command: string | undefined;
    try {
      ({ command } = await client.query('commit'));
    } catch (error) {
      if (!classifyDatabaseError(error).leavesOutcomeOpen) throw error;
      broken = error as Error;
      const look = isWritten && (() => isWritten(pool, result));
      if ((await readBack(pool, { transactionId, readBackMs, look })) === 'aborted') throw error;
    }
    // The server says so, and calls it no error, when a statement failed before and nobody minded.
    if (command === 'ROLLBACK')
      throw new Error('COMMIT was answered with ROLLBACK: a statement failed unnoticed');
    return result;
  } catch (error) {
    broken ??= await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
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
  const { kind, isConnectionLost } = classifyDatabaseError(cause);
  // A server that gave no answer gives none to a rollback either, and the end of the connection does the same.
  if (isConnectionLost) return cause as Error;
  try {
    await client.query('rollback');
  } catch (error) {
    return error as Error;
  }
  return kind === 'stale_session' ? (cause as Error) : undefined;
}

async function readBack(
  pool: Pool,
  {
    transactionId,
    readBackMs,
    look,
  }: {
    readonly transactionId: bigint;
    readonly readBackMs: number;
    readonly look: (() => Promise<boolean>) | undefined;
  },
): Promise<'committed' | 'aborted'> {
  const deadline = performance.now() + readBackMs;
  let cause: unknown;
  for (let pauseMs = 20; performance.now() < deadline; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      const status = await readTransactionStatus(pool, transactionId);
      if (status === 'aborted') return status;
      if (status === 'committed') {
        if (!look) break;
        return (await look()) ? 'committed' : 'aborted';
      }
      // The server has not noticed that we are gone, and waits for a COMMIT that may never come.
      await abandonTransaction(pool, transactionId);
    } catch (error) {
      cause = error;
    }
    await sleep(pauseMs);
  }
  throw new CommitOutcomeUnknown(
    'the connection was lost during commit and the outcome could not be read back',
    {
      cause,
    },
  );
}
