import type { Pool } from '../database/database.ts';

/** Reads only the index of open holds. */
export async function sampleOrderHolds(
  pool: Pool,
): Promise<{ readonly openCount: number; readonly overdueSeconds: number }> {
  const { rows } = await pool.query({
    name: 'order-holds-sample',
    text: `
      select count(*)::float8 as "openCount",
             greatest(0, coalesce(extract(epoch from now() - min(expires_at)), 0))::float8 as "overdueSeconds"
      from order_holds
      where status = 'open'`,
  });
  return rows[0];
}

/** How long the hold that has been over longest has waited to be let go, in seconds; 0 when none waits. Reads one row. */
export async function readOldestOverdueSeconds(pool: Pool): Promise<number> {
  const { rows } = await pool.query({
    name: 'order-holds-oldest-overdue',
    text: `
      select greatest(0, coalesce(extract(epoch from now() - min(expires_at)), 0))::float8 as seconds
      from order_holds
      where status = 'open'`,
  });
  return rows[0].seconds;
}
