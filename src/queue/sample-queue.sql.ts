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
}

export async function selectQueueSample(pool: Pool, limit: number): Promise<QueueCounts> {
  const { rows } = await pool.query({
    name: 'queue-sample',
    text: `
      select
        (select count(*)::int from (
          select 1 from payment_tasks where state = 'ready' and run_at <= now() limit $1) as ready) as "readyCount",
        (select count(*)::int from (
          select 1 from payment_tasks where state = 'ready' and run_at > now() limit $1) as scheduled) as "scheduledCount",
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
        coalesce((
          select extract(epoch from now() - run_at)::float8
          from payment_tasks
          where state = 'ready' and run_at <= now()
          order by run_at
          limit 1), 0) as "oldestReadyAgeSeconds",
        -- Exact below the limit; above it, the smallest ids are those of the oldest payments.
        coalesce((
          select extract(epoch from now() - min(opened_at))::float8
          from (select opened_at from payment_inquiries order by payment_id limit $1) as inquiries
          ), 0) as "oldestUnknownAgeSeconds"`,
    values: [limit],
  });
  return rows[0];
}
