import type { Pool } from '../database/database.ts';

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
