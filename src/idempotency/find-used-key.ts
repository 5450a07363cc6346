import type { Pool, Transaction } from '../database/database.ts';
import { commitAlmostNothing } from '../database/transactions/transaction.sql.ts';
import { inTransaction } from '../database/transactions/transaction.ts';
import { decideReplay, type ReplayOutcome } from './decide-replay.ts';
import type { ScopedClaim } from './used-key.ts';
import { readUsedKey } from './used-keys.sql.ts';

/**
 * Finds what a request with this key is answered, if the key was used before; for what is not a command.
 * @throws a database error.
 */
export async function findUsedKey(
  pool: Pool,
  claim: ScopedClaim,
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<ReplayOutcome | undefined> {
  const find = async (transaction: Transaction) => {
    const used = await readUsedKey(transaction, claim, { responseTtlMs });
    if (!used) return undefined;
    const outcome = decideReplay(used, claim.fingerprint);
    // The stored row may never have reached the standby, but the answer is a promise all the same.
    if (outcome.kind === 'replayed') await commitAlmostNothing(transaction);
    return outcome;
  };
  // Read and commit on the same server. If the COMMIT is lost, that server may be gone, and with it what was read.
  return await inTransaction(pool, find, { isWritten: async () => false });
}
