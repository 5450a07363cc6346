import type { Pool } from '../../database/database.ts';
import { inTransaction } from '../../database/transactions/transaction.ts';
import { isRefused, refuseHeldRate } from './exchange-rates.sql.ts';

/**
 * Refuses a held rate, and records who refused it and why. The rate that counted counts again until it is stale, and nobody is asked about this
 * number again until the source names another one.
 * @returns false if there is no such held rate: it is already used or refused, or the source has replaced it.
 */
export async function refuseRate(
  pool: Pool,
  refusal: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<boolean> {
  return await inTransaction(pool, (transaction) => refuseHeldRate(transaction, refusal), {
    isWritten: async (queryable, wasHeld) => !wasHeld || (await isRefused(queryable, refusal)),
  });
}
