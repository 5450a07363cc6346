import type { Pool } from '../shared/database.ts';

/** A system account as it was last folded. */
export interface SystemAccountSample {
  readonly kind: string;
  readonly currency: string;
  readonly posted: bigint;
  /** Transactions whose entries may not be in the balance yet. */
  readonly foldLag: number;
}

/** A handful of rows for each currency; no entry is read. */
export async function selectSystemAccountSamples(pool: Pool): Promise<SystemAccountSample[]> {
  const { rows } = await pool.query<SystemAccountSample>({
    name: 'ledger-sample-system-accounts',
    text: `
      select kind, currency, posted,
             greatest(0, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - folded_below)::float8 as "foldLag"
      from accounts
      where user_id is null`,
  });
  return rows;
}
