import type { Pool, Queryable, Transaction } from '../database/database.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import type { UsedKeyOutcome } from './decide-replay.ts';
import { findUsedKey } from './find-used-key.ts';
import {
  type IdempotencyClaim,
  type KeyedResource,
  KeyInUse,
  KeyRace,
  type StoredResponse,
} from './used-key.ts';
import { insertKeys } from './used-keys.sql.ts';

/** What was written for a request, and its answer. */
export interface Executed {
  readonly resource: KeyedResource;
  readonly response: StoredResponse;
}

export type OnceOutcome<Written extends Executed> =
  | { readonly kind: 'executed'; readonly written: Written }
  | UsedKeyOutcome;

export interface RequestOnce {
  readonly scope: bigint;
  readonly idempotency: IdempotencyClaim | null;
  readonly responseTtlMs: number;
}

/**
 * Carries out a request in one transaction together with its key: a key that was used before returns the stored answer and executes
 * nothing. Only for requests that move no money; those that do are commands.
 * @throws a database error, and then nothing was written; CommitOutcomeUnknown if that is not known.
 */
export async function executeOnce<Written extends Executed>(
  pool: Pool,
  { scope, idempotency, responseTtlMs }: RequestOnce,
  {
    write,
    isWritten,
  }: {
    readonly write: (transaction: Transaction) => Promise<Written>;
    /** Whether the row of a lost COMMIT exists. */
    readonly isWritten: (queryable: Queryable, written: Written) => Promise<boolean>;
  },
): Promise<OnceOutcome<Written>> {
  const claim = idempotency && { ...idempotency, scope };
  const replayed = claim && (await findUsedKey(pool, claim, { responseTtlMs }));
  if (replayed) return replayed;
  const writeWithKey = async (transaction: Transaction) => {
    const written = await write(transaction);
    const { resource, response } = written;
    await insertKeys(transaction, claim ? [{ ...claim, resource, response }] : []);
    return written;
  };
  try {
    return { kind: 'executed', written: await inTransaction(pool, writeWithKey, { isWritten }) };
  } catch (error) {
    if (error instanceof KeyInUse) return { kind: 'key_in_use' };
    const isRace = claim && error instanceof KeyRace;
    const winner = isRace && (await findUsedKey(pool, claim, { responseTtlMs }));
    if (winner) return winner;
    throw error;
  }
}
