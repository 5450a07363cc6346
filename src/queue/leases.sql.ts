import type { Queryable } from '../database/database.ts';
import { columnsOf, inPaymentOrder, NAMED_RUNS, TASK_OF_RUN } from './finish-tasks.sql.ts';
import type { RunId } from './task.ts';

// `locked_by is not null` in place of `state = 'running'`, for the reason given in finish-tasks.sql.ts.

/**
 * Extends the leases of runs. It never waits for a locked row: one locked row must not cost the others their leases, and a statement that
 * never waits cannot deadlock. The run's own settlement may hold the lock.
 * @returns the payment ids of the runs that are still held, and of those whose task is locked, so that nothing is known about them.
 */
export async function renewLeases(
  queryable: Queryable,
  runs: readonly RunId[],
  leaseMs: number,
): Promise<{ readonly held: Set<bigint>; readonly busy: Set<bigint> }> {
  const { rows } = await queryable.query<{ payment_id: bigint; is_held: boolean }>({
    name: 'queue-renew-leases',
    text: `
      with run as materialized (
        select task.payment_id
        from ${NAMED_RUNS}
        join payment_tasks as task on ${TASK_OF_RUN}
      ),
      free as materialized (
        select task.user_id, task.payment_id
        from ${NAMED_RUNS}
        join payment_tasks as task on ${TASK_OF_RUN}
        order by task.payment_id
        for update of task skip locked
      ),
      renewed as (
        update payment_tasks as task
        set lease_expires_at = now() + $4 * interval '1 millisecond'
        from free
        where task.user_id = free.user_id and task.payment_id = free.payment_id
        returning task.payment_id
      )
      select payment_id, payment_id in (select payment_id from renewed) as is_held
      from run`,
    values: [...columnsOf(runs), leaseMs],
  });
  const idsOf = (isHeld: boolean) =>
    new Set(rows.filter((row) => row.is_held === isHeld).map((row) => row.payment_id));
  return { held: idsOf(true), busy: idsOf(false) };
}

/** Gives back claims without a call: this uses up no attempt, and another worker may take them at once. */
export async function releaseTasks(queryable: Queryable, runs: readonly RunId[]): Promise<void> {
  if (runs.length === 0) return;
  const sorted = inPaymentOrder(runs);
  await queryable.query({
    name: 'queue-release-tasks',
    text: `
      with released as (
        update payment_tasks as task
        set state = 'ready', locked_by = null, lease_expires_at = null
        from ${NAMED_RUNS}
        where ${TASK_OF_RUN}
        returning task.payment_id, task.run_lease
      )
      update payment_attempts as attempt
      set finished_at = now(), outcome = 'not_sent'
      from released
      where attempt.payment_id = released.payment_id
        and attempt.run_lease = released.run_lease`,
    values: columnsOf(sorted),
  });
}
