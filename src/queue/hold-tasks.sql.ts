import type { Queryable } from '../shared/database.ts';
import type { RunId } from './task.ts';

// `locked_by is not null` in place of `state = 'running'`, for the reason given in finish-tasks.sql.ts.

/** Extends the leases of runs that go on, and gives the payment ids of those that are still held. */
export async function renewLeases(
  queryable: Queryable,
  runs: readonly RunId[],
  leaseMs: number,
): Promise<Set<bigint>> {
  const { rows } = await queryable.query<{ payment_id: bigint }>({
    name: 'queue-renew-leases',
    text: `
      with held as materialized (
        select task.payment_id
        from payment_tasks as task
        join unnest($1::bigint[], $2::bigint[]) as run (payment_id, run_lease) using (payment_id, run_lease)
        where task.locked_by is not null
        order by task.payment_id
        for update of task
      )
      update payment_tasks as task
      set lease_expires_at = now() + $3 * interval '1 millisecond'
      from held
      where task.payment_id = held.payment_id
      returning task.payment_id`,
    values: [runs.map((run) => run.paymentId), runs.map((run) => run.runLease), leaseMs],
  });
  return new Set(rows.map((row) => row.payment_id));
}

/** Gives back claims for which no call was made: the attempt is not burnt, and another worker may take them at once. */
export async function releaseTasks(queryable: Queryable, runs: readonly RunId[]): Promise<void> {
  if (runs.length === 0) return;
  await queryable.query({
    name: 'queue-release-tasks',
    text: `
      with released as (
        update payment_tasks as task
        set state = 'ready', locked_by = null, lease_expires_at = null
        from unnest($1::bigint[], $2::bigint[]) as run (payment_id, run_lease)
        where task.payment_id = run.payment_id
          and task.run_lease = run.run_lease
          and task.locked_by is not null
        returning task.payment_id, task.run_lease
      )
      update payment_attempts as attempt
      set finished_at = now(), outcome = 'not_sent'
      from released
      where attempt.payment_id = released.payment_id
        and attempt.run_lease = released.run_lease`,
    values: [runs.map((run) => run.paymentId), runs.map((run) => run.runLease)],
  });
}
