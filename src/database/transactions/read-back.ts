import { retry } from '../../background/retry.ts';
import { sleep } from '../../background/sleep.ts';
import type { Pool, Queryable } from '../database.ts';
import { CommitNotReplicated, CommitOutcomeUnknown } from './commit-outcome.ts';
import { abandonTransaction, commitAlmostNothing, readTransactionStatus } from './transaction.sql.ts';

const PAUSES = { baseMs: 20, maxMs: 500 };

/**
 * Finds out whether a transaction was committed whose connection was lost during COMMIT.
 * @param look looks for what the transaction wrote; without it, "committed" is not trusted.
 * @throws CommitOutcomeUnknown if this cannot be determined within `readBackMs`.
 */
export async function readBack(
  pool: Pool,
  {
    transactionId,
    readBackMs,
    look,
  }: {
    readonly transactionId: bigint;
    readonly readBackMs: number;
    readonly look: ((queryable: Queryable) => Promise<boolean>) | undefined;
  },
): Promise<'committed' | 'aborted'> {
  const deadline = performance.now() + readBackMs;
  const cannotTell = (cause?: unknown) =>
    new CommitOutcomeUnknown('the connection was lost during commit and the outcome could not be read back', {
      cause,
    });
  const ask = async () => {
    // Use one session for all questions: what one server shows says nothing about what another one has.
    const verdict = await onOneSession(pool, (session) =>
      askOnce(session, { transactionId, look, deadline }),
    );
    if (verdict === 'in progress') throw new Error('the transaction is still in progress');
    return verdict;
  };
  const verdict = await retry(ask, { pauses: PAUSES, forMs: readBackMs }).catch((error: unknown) => {
    throw cannotTell(error);
  });
  if (verdict === 'unsaid') throw cannotTell();
  return verdict;
}

async function askOnce(
  session: Queryable,
  {
    transactionId,
    look,
    deadline,
  }: {
    readonly transactionId: bigint;
    readonly look: ((queryable: Queryable) => Promise<boolean>) | undefined;
    readonly deadline: number;
  },
): Promise<'committed' | 'aborted' | 'in progress' | 'unsaid'> {
  const status = await readTransactionStatus(session, transactionId);
  if (status === 'aborted') return 'aborted';
  if (status === 'in progress') {
    // The server has not noticed that we are gone, and is waiting for a COMMIT that may never come.
    await abandonTransaction(session, transactionId);
    return 'in progress';
  }
  if (!look) return 'unsaid';
  if (!(await look(session))) return 'aborted';
  // The commit is visible here, even if the wait for the standby was ended and the standby never received it.
  await proveReplicated(session, Math.max(0, deadline - performance.now()));
  return 'committed';
}

async function onOneSession<Result>(
  pool: Pool,
  ask: (session: Queryable) => Promise<Result>,
): Promise<Result> {
  const session = await pool.connect();
  try {
    const result = await ask(session);
    session.release();
    return result;
  } catch (error) {
    session.release(error as Error);
    throw error;
  }
}

/**
 * Makes sure that everything committed so far on this session's server would survive a failover.
 * @throws CommitNotReplicated if the standby does not acknowledge a later commit in time.
 */
export async function proveReplicated(session: Queryable, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, { signal: timer.signal }).then(() => {
    if (!timer.signal.aborted) throw new CommitNotReplicated();
  });
  late.catch(() => {});
  try {
    const proof = commitAlmostNothing(session);
    proof.catch(() => {});
    await Promise.race([proof, late]);
  } finally {
    timer.abort();
  }
}
