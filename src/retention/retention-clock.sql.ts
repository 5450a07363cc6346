import type { Pool } from '../database/database.ts';

export interface RetentionClock {
  /** The time on the server's clock, which also wrote the times that are compared with it. */
  readonly now: Date;
  readonly isSteady: boolean;
  /** null: always. */
  readonly steadySince: Date | null;
}

/**
 * Reads and records the server's clock. It counts as steady if for a day each reading came within six hours of the previous one: a clock
 * that is set ahead by a year for an hour must not delete a year of data, and after a longer downtime we also wait.
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
