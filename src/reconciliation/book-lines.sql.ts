import type { Pool } from '../database/database.ts';

/** Reports with loaded lines that are not running: their process ended or was lost, or they have been pruned. */
export async function selectEndedReportIds(pool: Pool): Promise<bigint[]> {
  // Steps from report to report by the index, because counting the lines of each would read all of them.
  const { rows } = await pool.query<{ id: bigint }>(`
    with recursive loaded as (
      select (select min(report_id) from reconciliation_book_lines) as id
      union all
      select (select min(report_id) from reconciliation_book_lines where report_id > loaded.id)
      from loaded
      where loaded.id is not null
    )
    select loaded.id
    from loaded
    left join reconciliation_reports as report on report.id = loaded.id
    where loaded.id is not null and report.status is distinct from 'running'
    order by loaded.id`);
  return rows.map(({ id }) => id);
}

/**
 * Deletes some lines of a report, starting with the last: if a comparison that was taken for lost is still working on them, it checks its
 * last line and so finds out.
 * @param before only lines with a smaller number; null for the first slice.
 * @returns the smallest deleted number; null if there was none.
 */
export async function deleteLastLines(
  pool: Pool,
  {
    reportId,
    before,
    limit,
  }: { readonly reportId: bigint; readonly before: bigint | null; readonly limit: number },
): Promise<{ rowCount: number; before: bigint | null }> {
  const { rows } = await pool.query<{ count: number; before: bigint | null }>(
    `with last as materialized (
       select line
       from reconciliation_book_lines
       where report_id = $1 and line < coalesce($2, 9223372036854775807)
       order by line desc
       limit $3
     ),
     deleted as (
       delete from reconciliation_book_lines as book
       using last
       where book.report_id = $1 and book.line = last.line
     )
     select count(*)::int as count, min(line) as before from last`,
    [reportId, before, limit],
  );
  const { count, before: next } = rows[0] ?? { count: 0, before: null };
  return { rowCount: count, before: next };
}
