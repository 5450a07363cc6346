import type { Pool } from '../../src/database/database.ts';

/** Ends a share of the sessions of the processes under test, at least one; `draw` chooses which. Returns how many there were. */
export async function terminateBackends(
  pool: Pool,
  { share, draw }: { readonly share: number; readonly draw: number },
): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name like 'tollgate-%' order by backend_start, pid`,
  );
  const count = Math.max(1, Math.floor(rows.length * share));
  const first = Math.floor(rows.length * draw);
  const chosen = Array.from({ length: count }, (_, index) => rows[(first + index) % rows.length]?.pid);
  const { rowCount } = await pool.query(
    'select pg_terminate_backend(pid) from unnest($1::int[]) as t (pid)',
    [chosen],
  );
  return rowCount ?? 0;
}
