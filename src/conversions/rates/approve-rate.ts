import type { Pool } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { approveHeldRate, isApproved } from './exchange-rates.sql.ts';

/**
 * Approves a held rate, which is used from now on. Records who approved it and why.
 * @returns false if there is no such held rate: it is already used, or the source has replaced it.
 */
export async function approveRate(
  pool: Pool,
  approval: { readonly id: bigint; readonly by: string; readonly reason: string | null },
): Promise<boolean> {
  return await inTransaction(pool, (transaction) => approveHeldRate(transaction, approval), {
    isWritten: async (queryable, wasHeld) => !wasHeld || (await isApproved(queryable, approval)),
  });
}
