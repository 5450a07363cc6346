import type { Queryable } from '../database/database.ts';
import { CLAIM_PICKED, CLAIMED_TASK, type ClaimRequest } from './claim-tasks.sql.ts';
import type { ClaimedTask } from './task.ts';

export interface Turn {
  readonly tasks: readonly ClaimedTask[];
  /** Where the next turn continues; undefined if this one reached the last user with a task. */
  readonly nextAfterUserId: bigint | undefined;
}

/** How many of a user's oldest tasks a turn looks at: a user with more of them in the way waits for a claim by age. */
const MOST_LOOKED_AT = 100;

/** `oldest.ready_id`: the first of the oldest tasks of `next` that is ready; null where none is, and for users in $5. */
const OLDEST_OF_NEXT = `left join lateral (
            select payment_id as ready_id
            from (
              select payment_id, locked_by, run_at, rescue_count, gateway
              from payment_tasks
              where user_id = next.user_id and next.user_id <> all ($5::bigint[])
              order by payment_id
              limit ${MOST_LOOKED_AT}
            ) as task
            where locked_by is null and run_at <= now() and rescue_count = 0 and gateway is not distinct from $7
            limit 1
          ) as oldest on true`;

/**
 * Claims the oldest ready task of each of up to `limit` users, in the order of their ids after `afterUserId`.
 *
 * The recursive part steps from user to user through the primary key, one descent each, and looks at the oldest tasks of each user; it ends
 * with enough users found or after `maxSteps`. Users in `exceptUserIds` and those whose tasks all wait for their time are stepped
 * over. A task that another worker has locked at this moment is passed over for the user's next one.
 * `locked_by is null` says the same as `state = 'ready'` (a check of the table), and keeps the planner from the index of ready tasks by
 * age: where it expects few of them it would look through all of them for each user.
 */
export async function claimTasksInTurn(
  queryable: Queryable,
  {
    worker,
    limit,
    leaseMs,
    gatewayName = null,
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
          select next.user_id, oldest.ready_id, 1 as step_count, (oldest.ready_id is not null)::int as found_count
          from (select user_id from payment_tasks where user_id > $4 order by user_id limit 1) as next
          ${OLDEST_OF_NEXT}
        )
        union all
        select next.user_id, oldest.ready_id, turn.step_count + 1, turn.found_count + (oldest.ready_id is not null)::int
        from turn
        cross join lateral (
          select user_id from payment_tasks where user_id > turn.user_id order by user_id limit 1
        ) as next
        ${OLDEST_OF_NEXT}
        where turn.step_count < $6 and turn.found_count < $1
      ),
      picked as materialized (
        select free.user_id, free.payment_id
        from turn
        cross join lateral (
          select user_id, payment_id
          from payment_tasks
          where user_id = turn.user_id and payment_id >= turn.ready_id
            and locked_by is null and run_at <= now() and rescue_count = 0 and gateway is not distinct from $7
          order by payment_id
          limit 1
          for update skip locked
        ) as free
        limit $1
      ),
      ${CLAIM_PICKED}
      select walked.last_user_id as "lastUserId",
             coalesce(walked.step_count < $6 and walked.found_count < $1, true) as "isRoundComplete",
             ${CLAIMED_TASK}
      from (select max(user_id) as last_user_id, max(step_count) as step_count, max(found_count) as found_count
            from turn) as walked
      left join claimed on true`,
    values: [limit, worker, leaseMs, afterUserId, exceptUserIds, maxSteps, gatewayName],
  });
  const [{ lastUserId, isRoundComplete }] = rows;
  return {
    tasks: rows.filter((row) => row.paymentId !== null),
    nextAfterUserId: isRoundComplete ? undefined : lastUserId,
  };
}
