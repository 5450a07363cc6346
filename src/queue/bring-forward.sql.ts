import type { Queryable } from '../database/database.ts';
import { ofGateway } from './of-gateway.sql.ts';

/**
 * Makes tasks of one gateway ready whose time is further ahead than any pause can be: it was written before the clock was set back. Never
 * waits for a locked row.
 * @returns how many were rescheduled, at most `limit`.
 */
export async function bringTasksForward(
  queryable: Queryable,
  {
    mostMs,
    limit,
    gatewayName,
  }: {
    readonly mostMs: number;
    readonly limit: number;
    readonly gatewayName: string | null;
  },
): Promise<number> {
  const { condition, suffix } = ofGateway(gatewayName, '$3');
  const { rowCount } = await queryable.query({
    name: `queue-bring-ready-forward${suffix}`,
    text: `
      with ahead as materialized (
        select user_id, payment_id
        from payment_tasks
        where state = 'ready' and ${condition} and run_at > now() + $1 * interval '1 millisecond'
        limit $2
        for update skip locked
      )
      update payment_tasks as task
      set run_at = now()
      from ahead
      where task.user_id = ahead.user_id and task.payment_id = ahead.payment_id`,
    values: [mostMs, limit, gatewayName],
  });
  return rowCount ?? 0;
}

/**
 * Shortens the lease of runs whose lease ends later than any can: it was taken before the clock was set back, and no worker renews it. Never
 * waits for a locked row.
 * @returns how many, at most `limit`.
 */
export async function bringLeasesForward(
  queryable: Queryable,
  { mostMs, leaseMs, limit }: { readonly mostMs: number; readonly leaseMs: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await queryable.query({
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
  return rowCount ?? 0;
}
