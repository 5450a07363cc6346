import type { Queryable } from '../shared/database.ts';
import type { ClaimedTask } from './task.ts';

/**
 * Takes up to `limit` ready tasks for one worker, oldest first, and writes the attempt row of each, in one statement that
 * commits by itself: the row that says "a call may have happened" is durable before the first byte leaves.
 *
 * `skip locked` lets any number of workers claim at once. The picked rows are materialized, because a planner that
 * joined the update to a re-evaluated sub-select could claim more than `limit`.
 */
export async function claimTasks(
  queryable: Queryable,
  { worker, limit, leaseMs }: { readonly worker: string; readonly limit: number; readonly leaseMs: number },
): Promise<ClaimedTask[]> {
  const { rows } = await queryable.query({
    name: 'queue-claim-tasks',
    text: `
      with picked as materialized (
        select payment_id
        from payment_tasks
        where state = 'ready' and run_at <= now()
        order by run_at, payment_id
        limit $1
        for update skip locked
      ),
      claimed as (
        update payment_tasks as task
        set state = 'running',
            run_lease = task.run_lease + 1,
            locked_by = $2,
            lease_expires_at = now() + $3 * interval '1 millisecond'
        from picked
        where task.payment_id = picked.payment_id
        returning task.payment_id, task.user_id, task.run_lease, task.attempts, task.rescue_count,
                  task.unknown_since, task.not_found_count
      ),
      attempted as (
        insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker)
        select payment_id, run_lease, user_id, attempts + 1, $2
        from claimed
      )
      select payment_id as "paymentId", user_id as "userId", run_lease as "runLease", attempts,
             rescue_count as "rescueCount", (extract(epoch from now() - unknown_since) * 1000)::float8 as "unknownForMs", not_found_count as "notFoundCount"
      from claimed`,
    values: [limit, worker, leaseMs],
  });
  return rows;
}
