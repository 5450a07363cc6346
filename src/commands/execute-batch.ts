import type { Pool, Queryable, Transaction } from '../database/database.ts';
import { commitAlmostNothing } from '../database/transactions/transaction.sql.ts';
import { inTransaction, sentTogether } from '../database/transactions/transaction.ts';
import { KeyRace } from '../idempotency/used-key.ts';
import { insertKeys, isKeyWritten, type KeyToWrite } from '../idempotency/used-keys.sql.ts';
import { failpoint } from '../process/failpoints/failpoint.ts';
import type { FailpointName } from '../process/failpoints/failpoint-catalogue.ts';
import type { CommandFacts, CommandKind } from './command-kind.ts';
import { type BatchOutcome, decideBatch } from './decide-batch.ts';
import type { LockedWallet } from './funds.ts';
import { lockWallets } from './lock-wallets.sql.ts';
import { Overtaken } from './overtaken.ts';

/** How a batch deals with locks that others hold. */
export interface LockPatience {
  /** Waits for locked wallets, or skips their commands as `wallet_locked`. */
  readonly lockedWallets: 'wait' | 'skip';
  /** How long each statement may wait for a lock. */
  readonly lockWaitMs: number;
}

export interface ExecutedBatch<Result> {
  readonly outcomes: readonly BatchOutcome<Result>[];
  readonly hasWritten: boolean;
}

interface BatchOptions {
  readonly pool: Pool;
  readonly patience: LockPatience;
  /** Whether only keys that were used before are answered. Asked once the keys have been read. */
  readonly isHalted?: () => boolean;
}

/** A batch can lose the race once for each of its keys and each row that it writes; in practice it happens once. */
const MAX_TRIES = 20;

/**
 * Executes a batch of commands of one kind in one transaction: their writes, keys and stored answers commit together. Locks are taken in
 * the order of test/locks/lock-order.ts. There are three round trips: BEGIN with all reads and locks, then all writes, then COMMIT alone, once every
 * result has been checked. A crash before COMMIT leaves nothing; after it, a client that repeats its request with its key gets the stored
 * answer.
 * @returns an outcome for each request, in order.
 * @throws a database error or KeyInUse, and then nothing was written; CommitOutcomeUnknown if that is not known.
 */
export async function executeBatch<Request, Facts, Row, Result, Prepared>(
  kind: CommandKind<Request, Facts, Row, Result, Prepared>,
  requests: readonly Request[],
  { pool, patience, isHalted = () => false }: BatchOptions,
): Promise<ExecutedBatch<Result>> {
  const prepared = await kind.prepare(pool, requests);
  const read = (transaction: Transaction) => readAndLock(transaction, { kind, requests, prepared, patience });
  const write = async (transaction: Transaction, facts: Awaited<ReturnType<typeof read>>) => {
    crashAt(kind.failpoints.afterRead);
    const decided = decideBatch(kind, requests, { ...facts, isHalted: isHalted() });
    const { outcomes, rows, keys } = decided;
    const hasWritten = rows.length > 0 || keys.length > 0;
    if (hasWritten)
      await sentTogether([kind.write(transaction, rows, prepared), insertKeys(transaction, keys)]);
    // A replayed answer makes the same promise as the first one, but the stored row may never have reached the standby.
    else if (outcomes.some(({ kind }) => kind === 'replayed')) await commitAlmostNothing(transaction);
    crashAt(kind.failpoints.beforeCommit);
    return { ...decided, hasWritten };
  };
  for (let tries = 1; ; tries += 1) {
    crashAt(kind.failpoints.beforeRead);
    try {
      const { outcomes, hasWritten } = await inTransaction(
        pool,
        { read, write },
        {
          lockWaitMs: patience.lockWaitMs,
          isWritten: (queryable, { rows, keys }) => isBatchWritten(queryable, { kind, rows, keys }),
        },
      );
      crashAt(kind.failpoints.afterCommit);
      return { outcomes, hasWritten };
    } catch (error) {
      const isRace = error instanceof KeyRace || error instanceof Overtaken;
      if (!isRace || tries >= MAX_TRIES) throw error;
    }
  }
}

async function readAndLock<Request, Facts, Row, Result, Prepared>(
  transaction: Transaction,
  {
    kind,
    requests,
    prepared,
    patience,
  }: {
    readonly kind: CommandKind<Request, Facts, Row, Result, Prepared>;
    readonly requests: readonly Request[];
    readonly prepared: Prepared;
    readonly patience: LockPatience;
  },
) {
  const names = requests.flatMap((request) => [
    ...[kind.fundsOf(request) ?? []].flat(),
    ...(kind.alsoLocks?.(request) ?? []),
  ]);
  const lock = () => lockWallets(transaction, names, patience);
  const early = kind.readsUnderLocks ? lock() : undefined;
  const [read, wallets] = await sentTogether<
    [readonly CommandFacts<Facts>[], ReadonlyMap<bigint, LockedWallet>]
  >([kind.read(transaction, requests, prepared), early ?? lock()]);
  return { read, wallets };
}

/**
 * The batch is written as a whole or not at all, so one of its rows proves all of them. A batch that wrote nothing is decided again: it
 * read its data, especially stored answers, from a server that may be gone, and the server that we ask now may not have them.
 */
async function isBatchWritten<Request, Facts, Row, Result, Prepared>(
  queryable: Queryable,
  {
    kind,
    rows: [row],
    keys: [key],
  }: {
    readonly kind: CommandKind<Request, Facts, Row, Result, Prepared>;
    readonly rows: readonly Row[];
    readonly keys: readonly KeyToWrite[];
  },
): Promise<boolean> {
  if (row !== undefined) return await kind.isWritten(queryable, row);
  return key !== undefined && (await isKeyWritten(queryable, key));
}

function crashAt(name: FailpointName | undefined): void {
  if (name) failpoint(name);
}
