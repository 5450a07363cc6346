import type { Queryable } from '../database/database.ts';
import { inPaymentOrder } from './finish-tasks.sql.ts';
import type { RunId } from './task.ts';

// `locked_by is not null` in place of `state = 'running'`, for the reason given in finish-tasks.sql.ts.

/**
 * Extends the leases of runs that go on. It waits for no row: one that somebody has locked must not cost the others their
 * leases, and what waits for nothing is part of no deadlock. The settlement of the run itself may be who has it.
 * @returns the payment ids of the runs that are still held, and of those whose task is busy: nothing is known of them.
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
        from unnest($1::bigint[], $2::bigint[]) as run (payment_id, run_lease)
        join payment_tasks as task on task.payment_id = run.payment_id and task.run_lease = run.run_lease
        where task.locked_by is not null
      ),
      free as materialized (
        select task.payment_id
        from unnest($1::bigint[], $2::bigint[]) as run (payment_id, run_lease)
        join payment_tasks as task on task.payment_id = run.payment_id and task.run_lease = run.run_lease
        where task.locked_by is not null
        order by task.payment_id
        for update of task skip locked
      ),
      renewed as (
        update payment_tasks as task
        set lease_expires_at = now() + $3 * interval '1 millisecond'
        from free
        where task.payment_id = free.payment_id
        returning task.payment_id
      )
      select payment_id, payment_id in (select payment_id from renewed) as is_held
      from run`,
    values: [runs.map((run) => run.paymentId), runs.map((run) => run.runLease), leaseMs],
  });
  const idsOf = (isHeld: boolean) =>
    new Set(rows.filter((row) => row.is_held === isHeld).map((row) => row.payment_id));
  return { held: idsOf(true), busy: idsOf(false) };
}

/** Gives back claims for which no call was made: the attempt is not burnt, and another worker may take them at once. */
export async function releaseTasks(queryable: Queryable, runs: readonly RunId[]): Promise<void> {
  if (runs.length === 0) return;
  const sorted = inPaymentOrder(runs);
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
    values: [sorted.map((run) => run.paymentId), sorted.map((run) => run.runLease)],
  });
}
