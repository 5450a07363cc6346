import type { Pool } from '../shared/database.ts';
import { failpoint } from '../shared/failpoint.ts';
import { inTransaction } from '../shared/transaction.ts';
import { foldEntries, lockSystemAccounts } from './fold-system-accounts.sql.ts';

/**
 * Adds the entries of system accounts to their stored balances, up to a watermark.
 *
 * The watermark is a transaction id, not an entry id: ids are handed out before commit, so a smaller one may still appear
 * after a larger one was counted. Every transaction below `pg_snapshot_xmin` has ended, so what is below it is complete.
 * @returns how many system accounts there are; folding twice, or in two processes at once, changes nothing more.
 */
export async function foldSystemAccounts(pool: Pool): Promise<{ accountCount: number }> {
  const folded = await inTransaction(pool, async (transaction) => {
    const accountCount = await lockSystemAccounts(transaction);
    if (accountCount > 0) await foldEntries(transaction);
    failpoint('fold.before_commit');
    return { accountCount };
  });
  failpoint('fold.after_commit');
  return folded;
}
