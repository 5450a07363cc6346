import type { Queryable } from '../database/database.ts';
import { ofGateway } from './of-gateway.sql.ts';
import type { ClaimedTask } from './task.ts';

/** Who claims, the most tasks to claim, and the length of the lease. */
export interface ClaimRequest {
  readonly worker: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** Only tasks of this gateway are taken; null or left out: of the one without a name. */
  readonly gatewayName?: string | null;
}

/**
 * Takes up to `limit` ready tasks for one worker, oldest first, and writes an attempt row for each, in one statement that commits by
 * itself: the row that says "a call may have happened" is durable before the first byte is sent. Rescued tasks are left out:
 * `claimRescuedTasks` takes them, a few at a time.
 *
 * `skip locked` lets any number of workers claim at once. The picked rows are materialized, because a planner that
 * joined the update to a re-evaluated sub-select could claim more than `limit`.
 *
 * Claiming by age alone is unfair if one user fills the queue; then, and only then, claim-in-turn.sql.ts compensates. Draining 50,000 tasks
 * of 1,000 users in batches of 200 went 1.00 times as fast as before that existed, and 0.96 times with all of them one user's, which is
 * when turns are looked for (medians of interleaved runs).
 *
 * `readySince` leaves out tasks that became ready earlier; null includes all. While any session holds an old snapshot, the entries of
 * finished tasks stay at the low end of the index, and every claim would have to skip all of them: after 30,000 tasks a claim of 50 took 9
 * ms without this bound and 2 ms with it, as much as at the start.
 */
export async function claimTasks(
  queryable: Queryable,
  {
    worker,
    limit,
    leaseMs,
    gatewayName = null,
    readySince,
  }: ClaimRequest & { readonly readySince: Date | null },
): Promise<ClaimedTask[]> {
  const { condition, suffix } = ofGateway(gatewayName, '$5');
  const { rows } = await queryable.query({
    name: `queue-claim-tasks${suffix}`,
    text: `
      with picked as materialized (
        select user_id, payment_id
        from payment_tasks
        where state = 'ready' and ${condition} and run_at <= now() and run_at >= $4 and rescue_count = 0
        order by run_at, payment_id
        limit $1
        for update skip locked
      ),
      ${CLAIM_PICKED}
      select ${CLAIMED_TASK}
      from claimed`,
    values: [limit, worker, leaseMs, readySince ?? '-infinity', gatewayName],
  });
  return rows;
}

/**
 * Turns the tasks in `picked` into runs of worker $2 with a lease of $3 milliseconds, as `claimed`.
 * A run's number is greater than the previous one's by a random step. So if an earlier state of the database is restored and ids are
 * assigned again, no new run has the number of an earlier one. Payments in the restored state may have been sent since, and workers ask the
 * gateway about them first.
 */
export const CLAIM_PICKED = `
      claimed as (
        update payment_tasks as task
        set state = 'running',
            run_lease = task.run_lease + 1 + floor(random() * 4294967296)::bigint,
            unknown_since = coalesce(task.unknown_since, case
              when task.payment_id <= (select sent_up_to from database_history) then now()
            end),
            locked_by = $2,
            lease_expires_at = now() + $3 * interval '1 millisecond'
        from picked
        where task.user_id = picked.user_id and task.payment_id = picked.payment_id
        returning task.payment_id, task.user_id, task.run_lease, task.attempts, task.rescue_count,
                  task.unknown_since, task.not_found_count, task.not_found_at, task.turned_away_count, task.run_at
      ),
      attempted as (
        insert into payment_attempts (payment_id, run_lease, user_id, attempt, worker)
        select payment_id, run_lease, user_id, attempts + 1, $2
        from claimed
      )`;

/** A row of `claimed` as a ClaimedTask. */
export const CLAIMED_TASK = `
             payment_id as "paymentId", user_id as "userId", run_lease as "runLease", attempts,
             rescue_count as "rescueCount",
             (extract(epoch from now() - unknown_since) * 1000)::float8 as "unknownForMs",
             not_found_count as "notFoundCount", turned_away_count as "turnedAwayCount",
             (extract(epoch from now() - not_found_at) * 1000)::float8 as "notFoundForMs", run_at as "readyAt"`;
