import { strict as assert } from 'node:assert';
import type { Pool, Transaction } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { readClock, readSystemIdentifier } from './clock.sql.ts';
import { decideClock } from './decide-clock.ts';
import {
  allowScans,
  forgetWorkers,
  lockLedger,
  moveHome,
  type RaisedSequence,
  type RefoldedAccount,
  raiseSequences,
  readRecordedServer,
  refoldSystemAccounts,
  resetProofs,
  resetReviews,
  selectWriters,
  sumEntries,
} from './rebase-ledger.sql.ts';

export type RebaseOutcome =
  /** The ledger is on the server that its ids come from; nothing was changed. */
  | { readonly kind: 'same_server' }
  /** Somebody who may write is connected; nothing was changed. */
  | { readonly kind: 'writers'; readonly writers: readonly { application: string; count: number }[] }
  | ({ readonly kind: 'rebased' } & RebasedLedger);

export interface RebasedLedger {
  readonly identifierBefore: bigint | null;
  readonly identifier: bigint | null;
  readonly xidOffsetBefore: bigint;
  readonly xidOffset: bigint;
  readonly entryCount: bigint;
  readonly accounts: readonly RefoldedAccount[];
  readonly changedProofCount: number;
  readonly raisedSequences: readonly RaisedSequence[];
  readonly forgottenWorkerCount: number;
}

/**
 * Adapts a ledger that was copied to another server to that server's transaction ids, in one transaction: the clock's offset puts all
 * future ids above all existing ones, and the balances of system accounts and the check's proofs are rebuilt from all entries. Entries are
 * only read. If the ledger does not need this, nothing is changed.
 * @param pool a pool whose statements may run long enough to read every entry.
 * @throws a database error, and then nothing was changed; a lock timeout if somebody is writing.
 */
export async function rebaseLedger(
  pool: Pool,
  { appName, by }: { readonly appName: string; readonly by: string },
): Promise<RebaseOutcome> {
  return await inTransaction<RebaseOutcome>(pool, async (transaction) => {
    const writers = await selectWriters(transaction, appName);
    if (writers.length > 0) return { kind: 'writers', writers };
    await lockLedger(transaction);
    const clock = await readClock(transaction);
    assert(clock, 'the ledger has a clock');
    if (decideClock(clock).kind === 'same_server') return { kind: 'same_server' };
    return { kind: 'rebased', ...(await rebase(transaction, by)) };
  });
}

async function rebase(transaction: Transaction, by: string): Promise<RebasedLedger> {
  await allowScans(transaction);
  const identifier = await readSystemIdentifier(transaction);
  const { entryCount, highestXid } = await sumEntries(transaction);
  const recorded = await readRecordedServer(transaction);
  // The next writer's id will not be below the oldest one that is still running.
  const isAhead = recorded.oldestXid + recorded.xidOffset > highestXid;
  const xidOffset = isAhead ? recorded.xidOffset : highestXid + 1n - recorded.oldestXid;
  const accounts = await refoldSystemAccounts(transaction, recorded.oldestXid + xidOffset);
  const changedProofCount = await resetProofs(transaction);
  await resetReviews(transaction);
  const raisedSequences = await raiseSequences(transaction);
  const forgottenWorkerCount = await forgetWorkers(transaction);
  await moveHome(transaction, { identifier, xidOffset, by });
  return {
    identifierBefore: recorded.identifier,
    identifier,
    xidOffsetBefore: recorded.xidOffset,
    xidOffset,
    entryCount,
    accounts,
    changedProofCount,
    raisedSequences,
    forgottenWorkerCount,
  };
}
