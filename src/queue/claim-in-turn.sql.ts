import type { Queryable } from '../database/database.ts';
import { CLAIM_PICKED, CLAIMED_TASK, type ClaimRequest } from './claim-tasks.sql.ts';
import type { ClaimedTask } from './task.ts';

export interface Turn {
  readonly tasks: readonly ClaimedTask[];
  /** Where the next turn goes on; undefined when this one came to the last user that has a task. */
  readonly nextAfterUserId: bigint | undefined;
}

/**
 * Claims the oldest ready task of each of up to `limit` users, in the order of their ids after `afterUserId`.
 *
 * The recursive part steps from user to user through the index payment_tasks_by_user: each step is one descent, however
 * many tasks a user has waiting, and it ends with enough users found or after `maxSteps`. Users in `exceptUserIds` and
 * those whose tasks all wait for their time are stepped over.
 * `state <= 'ready'` says the same as `state = 'ready'`, the other state being 'running', and keeps the planner from the partial
 * index of ready tasks: where it expects few of them it would sort all of them by user, for each step.
 */
export async function claimTasksInTurn(
  queryable: Queryable,
  {
    worker,
    limit,
    leaseMs,
    afterUserId,
    exceptUserIds,
    maxSteps,
  }: ClaimRequest & {
    readonly afterUserId: bigint;
    readonly exceptUserIds: readonly bigint[];
    readonly maxSteps: number;
  },
): Promise<Turn> {
  const { rows } = await queryable.query({
    name: 'queue-claim-tasks-in-turn',
    text: `
      with recursive turn as (
        (
          select user_id, run_at, 1 as step_count,
                 (run_at <= now() and user_id <> all ($5::bigint[]))::int as found_count
          from payment_tasks
          where state <= 'ready' and user_id > $4
          order by user_id, state, run_at
          limit 1
        )
        union all
        select next.user_id, next.run_at, turn.step_count + 1,
               turn.found_count + (next.run_at <= now() and next.user_id <> all ($5::bigint[]))::int
        from turn
        cross join lateral (
          select user_id, run_at
          from payment_tasks
          where state <= 'ready' and user_id > turn.user_id
          order by user_id, state, run_at
          limit 1
        ) as next
        where turn.step_count < $6 and turn.found_count < $1
      ),
      picked as materialized (
        select oldest.payment_id
        from turn
        cross join lateral (
          select payment_id
          from payment_tasks
          where state <= 'ready' and user_id = turn.user_id and run_at <= now() and rescue_count = 0
          order by state, run_at
          limit 1
          for update skip locked
        ) as oldest
        where turn.run_at <= now() and turn.user_id <> all ($5::bigint[])
        limit $1
      ),
      ${CLAIM_PICKED}
      select walked.last_user_id as "lastUserId",
             coalesce(walked.step_count < $6 and walked.found_count < $1, true) as "isRoundComplete",
             ${CLAIMED_TASK}
      from (select max(user_id) as last_user_id, max(step_count) as step_count, max(found_count) as found_count
            from turn) as walked
      left join claimed on true`,
    values: [limit, worker, leaseMs, afterUserId, exceptUserIds, maxSteps],
  });
  const [{ lastUserId, isRoundComplete }] = rows;
  return {
    tasks: rows.filter((row) => row.paymentId !== null),
    nextAfterUserId: isRoundComplete ? undefined : lastUserId,
  };
}
