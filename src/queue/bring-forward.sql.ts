import type { Queryable } from '../database/database.ts';

/**
 * Makes tasks ready whose time is further ahead than any pause can be: it was written before the clock was set back. A run whose lease ends
 * that late has no worker that renews it, so its lease is shortened. Never waits for a locked row.
 * @returns how many were rescheduled, at most `limit` of each kind.
 */
export async function bringTasksForward(
  queryable: Queryable,
  { mostMs, leaseMs, limit }: { readonly mostMs: number; readonly leaseMs: number; readonly limit: number },
): Promise<number> {
  const { rowCount: readyCount } = await queryable.query({
    name: 'queue-bring-ready-forward',
    text: `
      with ahead as materialized (
        select user_id, payment_id
        from payment_tasks
        where state = 'ready' and run_at > now() + $1 * interval '1 millisecond'
        limit $2
        for update skip locked
      )
      update payment_tasks as task
      set run_at = now()
      from ahead
      where task.user_id = ahead.user_id and task.payment_id = ahead.payment_id`,
    values: [mostMs, limit],
  });
  const { rowCount: runningCount } = await queryable.query({
    name: 'queue-bring-leases-forward',
    text: `
      with ahead as materialized (
        select user_id, payment_id
        from payment_tasks
        where state = 'running' and lease_expires_at > now() + $1 * interval '1 millisecond'
        limit $3
        for update skip locked
      )
      update payment_tasks as task
      set lease_expires_at = now() + $2 * interval '1 millisecond'
      from ahead
      where task.user_id = ahead.user_id and task.payment_id = ahead.payment_id`,
    values: [mostMs, leaseMs, limit],
  });
  return (readyCount ?? 0) + (runningCount ?? 0);
}
