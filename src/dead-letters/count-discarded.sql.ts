import type { Pool } from '../database/database.ts';

/** How many letters people have discarded so far: a handful a day, and an index has just these. */
export async function countDiscarded(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: 'count-discarded',
    text: `select count(*)::float8 as count from payment_dlq where action = 'discarded'`,
  });
  return rows[0]?.count ?? 0;
}
