import type { Pool } from '../database/database.ts';

/** How many differences people have closed, of those that are still kept: a handful a day, and an index has just these. */
export async function countClosedDifferences(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: 'reconciliation-count-closed',
    text: 'select count(*)::float8 as count from reconciliation_differences where closed_at is not null',
  });
  return rows[0]?.count ?? 0;
}

/** When a comparison with the gateway's book last ended with a result; null if none has. */
export async function selectLastReportAt(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ finishedAt: Date }>({
    name: 'reconciliation-sample',
    text: `
      select finished_at as "finishedAt"
      from reconciliation_reports
      where status in ('clean', 'differences')
      order by id desc
      limit 1`,
  });
  return rows[0]?.finishedAt ?? null;
}
