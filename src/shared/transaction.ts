import { setTimeout as sleep } from 'node:timers/promises';
import { classifyDatabaseError } from './classify-database-error.ts';
import type { Pool, Transaction } from './database.ts';
import { abandonTransaction, beginTransaction, readTransactionStatus } from './transaction.sql.ts';

/** COMMIT was sent, the connection was lost, and the database could not be asked what became of it. */
export class CommitOutcomeUnknown extends Error {
  override readonly name = 'CommitOutcomeUnknown';
}

/** How long a lost COMMIT is asked about before its outcome counts as unknown. */
const DEFAULT_READ_BACK_MS = 5000;

/**
 * Runs `work` in one transaction and commits it.
 *
 * A connection that is lost while COMMIT is under way leaves open whether it happened. The transaction's id, noted at its
 * start, is then asked about on another connection: a commit that did happen is a success like any other.
 * @throws whatever `work` throws, and then nothing was written; CommitOutcomeUnknown when it may have been.
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (transaction: Transaction) => Promise<T>,
  { readBackMs = DEFAULT_READ_BACK_MS }: { readonly readBackMs?: number } = {},
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const transactionId = await beginTransaction(client);
    const result = await work(client);
    try {
      await client.query('commit');
    } catch (error) {
      if (!classifyDatabaseError(error).leavesOutcomeOpen) throw error;
      broken = error as Error;
      if ((await readBack(pool, transactionId, readBackMs)) === 'aborted') throw error;
    }
    return result;
  } catch (error) {
    broken ??= await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
  }
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
  transactionId: bigint,
  readBackMs: number,
): Promise<'committed' | 'aborted'> {
  const deadline = performance.now() + readBackMs;
  let cause: unknown;
  for (let pauseMs = 20; performance.now() < deadline; pauseMs = Math.min(pauseMs * 2, 500)) {
    try {
      const status = await readTransactionStatus(pool, transactionId);
      if (status !== 'in progress') return status;
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
