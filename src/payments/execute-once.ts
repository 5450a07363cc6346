import { classifyDatabaseError } from '../shared/classify-database-error.ts';
import type { Pool, Queryable, Transaction } from '../shared/database.ts';
import { commitAlmostNothing } from '../shared/transaction.sql.ts';
import { inTransaction } from '../shared/transaction.ts';
import type { IdempotencyClaim, StoredResponse } from './acceptance.ts';
import { decideReplay } from './decide-acceptance.ts';
import { insertUsedKey, type KeyScope, readUsedKey } from './used-keys.sql.ts';

export type OnceOutcome =
  | {
      readonly kind: 'answered';
      readonly response: StoredResponse;
      readonly resourceId: bigint;
      readonly isReplay: boolean;
    }
  | { readonly kind: 'key_reused'; readonly resourceId: bigint }
  | { readonly kind: 'key_expired'; readonly resourceId: bigint }
  | { readonly kind: 'key_in_use' };

/** What was written for a request, and what is answered. */
export interface Executed {
  readonly resourceId: bigint;
  readonly response: StoredResponse;
}

export interface RequestOnce {
  readonly scope: KeyScope;
  readonly idempotency: IdempotencyClaim | null;
  readonly responseTtlMs: number;
}

/** The key was used while we were about to use it. */
class KeyRace extends Error {
  override readonly name = 'KeyRace';
}

/**
 * Carries out a request in one transaction together with its key: a key that was used before gives the answer of then, and
 * executes nothing.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown when that cannot be said.
 */
export async function executeOnce<Written extends Executed>(
  pool: Pool,
  request: RequestOnce,
  {
    write,
    isWritten,
    beforeCommit = () => {},
  }: {
    readonly write: (transaction: Transaction) => Promise<Written>;
    /** Whether the row that a lost COMMIT speaks of is there. */
    readonly isWritten: (queryable: Queryable, written: Written) => Promise<boolean>;
    readonly beforeCommit?: () => void;
  },
): Promise<OnceOutcome> {
  const replayed = await findReplay(pool, request);
  if (replayed) return replayed;
  try {
    const { response, resourceId } = await inTransaction(
      pool,
      async (transaction) => {
        const written = await write(transaction);
        await useKey(transaction, request, written);
        beforeCommit();
        return written;
      },
      { isWritten },
    );
    return { kind: 'answered', response, resourceId, isReplay: false };
  } catch (error) {
    if (request.idempotency && classifyDatabaseError(error).kind === 'lock_timeout')
      return { kind: 'key_in_use' };
    const winner = error instanceof KeyRace && (await findReplay(pool, request));
    if (winner) return winner;
    throw error;
  }
}

async function findReplay(
  pool: Pool,
  { scope, idempotency, responseTtlMs }: RequestOnce,
): Promise<OnceOutcome | undefined> {
  if (!idempotency) return undefined;
  const { key, fingerprint } = idempotency;
  const find = async (transaction: Transaction): Promise<OnceOutcome | undefined> => {
    const used = await readUsedKey(transaction, { scope, key, responseTtlMs });
    if (!used) return undefined;
    const outcome = decideReplay(used, fingerprint);
    if (outcome.kind !== 'answered') return outcome;
    // What is there may never have reached the standby; the answer is a promise all the same.
    await commitAlmostNothing(transaction);
    return { kind: 'answered', response: outcome.response, resourceId: used.resourceId, isReplay: true };
  };
  // Read and committed on one server. Where the COMMIT is lost, that server may be gone, and what was read with it.
  return await inTransaction(pool, find, { isWritten: async () => false });
}

async function useKey(
  transaction: Transaction,
  { scope, idempotency }: RequestOnce,
  { resourceId, response }: Executed,
): Promise<void> {
  if (!idempotency) return;
  const isNew = await insertUsedKey(transaction, { ...idempotency, scope, resourceId, response });
  if (!isNew) throw new KeyRace();
}
