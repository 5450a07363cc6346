import type { Queryable } from '../database/database.ts';
import { CLAIM_PICKED, CLAIMED_TASK, type ClaimRequest } from './claim-tasks.sql.ts';
import type { ClaimedTask } from './task.ts';

/**
 * Takes up to `limit` ready tasks that lost a worker between `minRescues` and `maxRescues` times, oldest first.
 * Reads the index payment_tasks_rescued, which is empty as long as no worker was lost.
 */
export async function claimRescuedTasks(
  queryable: Queryable,
  {
    worker,
    limit,
    leaseMs,
    gatewayName = null,
    minRescues,
    maxRescues,
  }: ClaimRequest & { readonly minRescues: number; readonly maxRescues: number },
): Promise<ClaimedTask[]> {
  const { rows } = await queryable.query({
    name: 'queue-claim-rescued-tasks',
    text: `
      with picked as materialized (
        select user_id, payment_id
        from payment_tasks
        where state = 'ready' and rescue_count > 0 and run_at <= now() and rescue_count between $4 and $5
          and gateway is not distinct from $6
        order by run_at, payment_id
        limit $1
        for update skip locked
      ),
      ${CLAIM_PICKED}
      select ${CLAIMED_TASK}
      from claimed`,
    values: [limit, worker, leaseMs, minRescues, maxRescues, gatewayName],
  });
  return rows;
}
