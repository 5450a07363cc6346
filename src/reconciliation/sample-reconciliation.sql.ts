import type { Pool } from '../database/database.ts';

/** How many differences people have closed, of those that are still kept: a handful a day, and an index has just these. */
export async function countClosedDifferences(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: 'reconciliation-count-closed',
    text: 'select count(*)::float8 as count from reconciliation_differences where closed_at is not null',
  });
  return rows[0]?.count ?? 0;
}

/** When a comparison with the book of each gateway last ended with a result; gateways without one are left out. */
export async function selectLastReportsAt(
  pool: Pool,
  gateways: readonly string[],
): Promise<Map<string, Date>> {
  const { rows } = await pool.query<{ gateway: string; finishedAt: Date }>({
    name: 'reconciliation-sample',
    text: `
      select asked.gateway, last.finished_at as "finishedAt"
      from unnest($1::text[]) as asked (gateway)
      cross join lateral (
        select finished_at
        from reconciliation_reports as report
        where report.gateway = asked.gateway and status in ('clean', 'differences')
        order by id desc
        limit 1
      ) as last`,
    values: [gateways],
  });
  return new Map(rows.map(({ gateway, finishedAt }) => [gateway, finishedAt]));
}
