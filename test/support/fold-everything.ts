import type { Pool } from '../../src/database/database.ts';
import { foldSystemAccounts } from '../../src/ledger/fold-system-accounts.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Folds until the stored balances of system accounts contain every entry. A single fold may leave some out: transactions of other tests on the same
 * server keep it back.
 */
export async function foldEverything(pool: Pool): Promise<void> {
  await waitUntil('a fold of every entry', async () => {
    await foldSystemAccounts(pool);
    const { rowCount } = await pool.query(`
      select 1
      from ledger_entries
      where written_by_xid >= (select min(folded_below) from accounts where user_id is null)
      limit 1`);
    return rowCount === 0;
  });
}
