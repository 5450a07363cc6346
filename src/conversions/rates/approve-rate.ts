import type { Pool } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { approveHeldRate, isApproved } from './exchange-rates.sql.ts';

/**
 * Lets a held rate count, with who and why.
 * @returns whether there was such a rate; false when it is not held, or something else has taken its place.
 */
export async function approveRate(
  pool: Pool,
  approval: { readonly id: bigint; readonly by: string; readonly reason: string | null },
): Promise<boolean> {
  return await inTransaction(pool, (transaction) => approveHeldRate(transaction, approval), {
    isWritten: async (queryable, wasHeld) => !wasHeld || (await isApproved(queryable, approval)),
  });
}
