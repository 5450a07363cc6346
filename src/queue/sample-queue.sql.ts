import type { Pool } from '../database/database.ts';
import type { DeadLetterReason } from '../dead-letters/letters/dead-letter-reasons.ts';

/** The state of the queue at one moment. */
export interface QueueCounts {
  /** Tasks that are due. */
  readonly readyCount: number;
  /** Tasks that are waiting for their backoff to end. */
  readonly scheduledCount: number;
  readonly runningCount: number;
  /** How long the oldest ready task has been due, in seconds; 0 if there is none. */
  readonly oldestReadyAgeSeconds: number;
  /** Open dead letters by reason; reasons without any are left out. */
  readonly deadLetterCounts: Partial<Record<DeadLetterReason, number>>;
  /** Payments whose outcome is unknown and that the gateway is asked about. */
  readonly unknownCount: number;
  /** How long the oldest of them has been asked about, in seconds; 0 if there is none. */
  readonly oldestUnknownAgeSeconds: number;
  /** Those of them that need a person. */
  readonly needsReviewCount: number;
  /** Differences from the gateway's statements that nobody has closed. */
  readonly openDifferenceCount: number;
  /** Callbacks that are stored but not processed yet. */
  readonly waitingCallbackCount: number;
  /** Tasks that are due at each gateway with a name. */
  readonly readyElsewhere: Readonly<Record<string, number>>;
  /** Unknown payments that each gateway with a name is asked about. */
  readonly unknownElsewhere: Readonly<Record<string, number>>;
}

/** The gateways with a name that have rows in a table, as `as`: one index entry is read for each. */
function namesIn({ table, as }: { readonly table: string; readonly as: string }): string {
  const next = (after: string) =>
    `(select gateway from ${table} where gateway is not null ${after} order by gateway limit 1)`;
  return `${as} (name) as (
        ${next('')}
        union all
        select ${next(`and gateway > ${as}.name`)} from ${as} where ${as}.name is not null
      )`;
}

const READY_ELSEWHERE = `payment_tasks where state = 'ready' and gateway = busy.name`;

export async function selectQueueSample(pool: Pool, limit: number): Promise<QueueCounts> {
  const { rows } = await pool.query({
    name: 'queue-sample',
    text: `
      with recursive ${namesIn({ table: "(select gateway from payment_tasks where state = 'ready') as ready", as: 'busy' })},
      ${namesIn({ table: 'payment_inquiries', as: 'asked' })},
      elsewhere as materialized (
        select busy.name,
               (select count(*)::int from (
                 select 1 from ${READY_ELSEWHERE} and run_at <= now() limit $1) as ready) as ready,
               (select count(*)::int from (
                 select 1 from ${READY_ELSEWHERE} and run_at > now() limit $1) as scheduled) as scheduled,
               (select run_at from ${READY_ELSEWHERE} and run_at <= now() order by run_at limit 1) as oldest
        from busy
        where busy.name is not null
      )
      select
        (select count(*)::int from (
          select 1 from payment_tasks where state = 'ready' and gateway is null and run_at <= now() limit $1) as ready)
          + coalesce((select sum(ready)::int from elsewhere), 0) as "readyCount",
        (select count(*)::int from (
          select 1 from payment_tasks where state = 'ready' and gateway is null and run_at > now() limit $1) as scheduled)
          + coalesce((select sum(scheduled)::int from elsewhere), 0) as "scheduledCount",
        coalesce((select json_object_agg(name, ready) from elsewhere), '{}') as "readyElsewhere",
        coalesce((
          select json_object_agg(name, (
            select count(*)::int from (
              select 1 from payment_inquiries where gateway = asked.name limit $1) as inquiries))
          from asked
          where asked.name is not null), '{}') as "unknownElsewhere",
        (select count(*)::int from (
          select 1 from payment_tasks where state = 'running' limit $1) as running) as "runningCount",
        coalesce((
          select json_object_agg(reason, count)
          from (
            select reason, count(*) as count
            from (select reason from payment_dlq where action is null limit $1) as letters
            group by reason) as counted), '{}') as "deadLetterCounts",
        (select count(*)::int from (
          select 1 from payment_inquiries limit $1) as inquiries) as "unknownCount",
        (select count(*)::int from (
          select 1 from payment_inquiries where needs_review_at is not null limit $1) as reviews) as "needsReviewCount",
        (select count(*)::int from (
          select 1 from reconciliation_differences where closed_at is null limit $1) as differences) as "openDifferenceCount",
        (select count(*)::int from (
          select 1 from gateway_events where processed_at is null limit $1) as events) as "waitingCallbackCount",
        coalesce(extract(epoch from now() - least(
          (select run_at from payment_tasks where state = 'ready' and gateway is null and run_at <= now()
           order by run_at limit 1),
          (select min(oldest) from elsewhere)))::float8, 0) as "oldestReadyAgeSeconds",
        -- Exact below the limit; above it, the smallest ids are those of the oldest payments.
        coalesce((
          select extract(epoch from now() - min(opened_at))::float8
          from (select opened_at from payment_inquiries order by payment_id limit $1) as inquiries
          ), 0) as "oldestUnknownAgeSeconds"`,
    values: [limit],
  });
  return rows[0];
}
