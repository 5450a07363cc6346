import { backoffMs } from '../../background/backoff.ts';
import { sleep } from '../../background/sleep.ts';
import type { Pool, Queryable } from '../database.ts';
import { CommitNotReplicated, CommitOutcomeUnknown } from './commit-outcome.ts';
import { abandonTransaction, commitAlmostNothing, readTransactionStatus } from './transaction.sql.ts';

const PAUSES = { baseMs: 20, maxMs: 500 };

/**
 * Finds out what became of a transaction whose COMMIT was lost with its connection.
 * @param look looks for what the transaction wrote; without it, a commit is not believed.
 * @throws CommitOutcomeUnknown when that cannot be said within `readBackMs`.
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
  let cause: unknown;
  for (let attempt = 1; performance.now() < deadline; attempt += 1) {
    try {
      // One session for all: what is seen on one server says nothing of what another one keeps.
      const verdict = await onOneSession(pool, (session) =>
        askOnce(session, { transactionId, look, deadline }),
      );
      if (verdict === 'unsaid') break;
      if (verdict !== 'in progress') return verdict;
    } catch (error) {
      cause = error;
    }
    await sleep(backoffMs(attempt, PAUSES));
  }
  throw new CommitOutcomeUnknown(
    'the connection was lost during commit and the outcome could not be read back',
    { cause },
  );
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
    // The server has not noticed that we are gone, and waits for a COMMIT that may never come.
    await abandonTransaction(session, transactionId);
    return 'in progress';
  }
  if (!look) return 'unsaid';
  if (!(await look(session))) return 'aborted';
  // It can be read, also when the wait for the standby was ended and it never got there.
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
 * Makes sure that what was committed on this session's server before now will survive it.
 * @throws CommitNotReplicated when the standby does not acknowledge a later commit in time.
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
