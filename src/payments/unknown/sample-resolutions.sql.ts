import type { Pool } from '../../database/database.ts';
import type { ResolutionOutcome } from './resolution-outcome.ts';

export interface RecordedResolution {
  readonly id: bigint;
  readonly paymentId: bigint;
  readonly outcome: ResolutionOutcome;
  readonly by: string;
}

/** How many payments people have resolved so far. There are a handful a day, so counting the table is cheap. */
export async function countResolutions(pool: Pool): Promise<ReadonlyMap<ResolutionOutcome, number>> {
  const { rows } = await pool.query<{ outcome: ResolutionOutcome; count: number }>({
    name: 'count-resolutions',
    text: 'select outcome, count(*)::float8 as count from payment_resolutions group by outcome',
  });
  return new Map(rows.map(({ outcome, count }) => [outcome, count]));
}

/** The newest resolutions, newest first. */
export async function selectLastResolutions(pool: Pool, limit: number): Promise<RecordedResolution[]> {
  const { rows } = await pool.query<RecordedResolution>({
    name: 'last-resolutions',
    text: `
      select id, payment_id as "paymentId", outcome, resolved_by as by
      from payment_resolutions
      order by id desc
      limit $1`,
    values: [limit],
  });
  return rows;
}
