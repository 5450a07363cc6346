import type { Pool } from '../database/database.ts';

export interface RetentionClock {
  /** By the server's clock, which wrote the times that are compared with it. */
  readonly now: Date;
  readonly isSteady: boolean;
  /** null: always. */
  readonly steadySince: Date | null;
}

/**
 * Looks at the server's clock and notes what it says. It is steady when for a day each look came within six hours of the one before: a
 * clock that is set ahead by a year for an hour must not delete a year, and one that was stopped for longer is waited for as well.
 */
export async function lookAtClock(pool: Pool): Promise<RetentionClock> {
  const { rows } = await pool.query<RetentionClock>(
    `update retention_clock
     set seen_at = now(),
         steady_since = case
           when now() - seen_at between interval '-1 minute' and interval '6 hours' then steady_since
           else now()
         end
     returning seen_at as now, steady_since <= seen_at - interval '1 day' as "isSteady",
               nullif(steady_since, '-infinity') as "steadySince"`,
  );
  return rows[0] as RetentionClock;
}
