import type { Pool } from '../database/database.ts';

/** A system account as of its last fold. */
export interface SystemAccountSample {
  readonly kind: string;
  readonly currency: string;
  readonly posted: bigint;
  /** Transactions whose entries may not be in the balance yet; negative if transaction ids went back. */
  readonly foldLag: number;
}

/** Reads a handful of rows for each currency, and no entries. */
export async function selectSystemAccountSamples(pool: Pool): Promise<SystemAccountSample[]> {
  const { rows } = await pool.query<SystemAccountSample>({
    name: 'ledger-sample-system-accounts',
    text: `
      select kind, currency, posted,
             (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + (select xid_offset from ledger_clock) - folded_below)::float8
               as "foldLag"
      from accounts
      where user_id is null`,
  });
  return rows;
}
