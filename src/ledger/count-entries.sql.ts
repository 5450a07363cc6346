import type { Transaction } from '../database/database.ts';

/** A range of transaction ids of the ledger's clock: from the first up to but not including the second. */
export interface TransactionRange {
  readonly from: bigint;
  readonly below: bigint;
}

/** How many entries were written in a range, counted up to `limit`. */
export async function countEntries(
  transaction: Transaction,
  { from, below }: TransactionRange,
  limit: number,
): Promise<number> {
  const { rows } = await transaction.query<{ count: number }>(
    `select count(*)::int as count
     from (select 1 from ledger_entries where written_by_xid >= $1 and written_by_xid < $2 limit $3) as counted`,
    [from, below, limit],
  );
  return rows[0]?.count ?? 0;
}
