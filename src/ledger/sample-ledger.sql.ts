import type { Pool } from '../database/database.ts';

/** A system account as it was last folded. */
export interface SystemAccountSample {
  readonly kind: string;
  readonly currency: string;
  readonly posted: bigint;
  /** Transactions whose entries may not be in the balance yet; below zero when transaction ids went back. */
  readonly foldLag: number;
}

/** A handful of rows for each currency; no entry is read. */
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
