import type { Pool } from '../../database/database.ts';

/** Recent activity, as far as it can be determined at a small, bounded cost. */
export interface RecentPayments {
  readonly at: Date;
  /** Payments ever accepted and tasks ever ended, by the database's statistics: a second late, and useful only for rates. */
  readonly acceptedTotal: number;
  readonly endedTotal: number;
  /** Over the newest payments, at most a thousand. */
  readonly newest: {
    readonly count: number;
    readonly success: number;
    readonly failed: number;
    readonly unknown: number;
    readonly open: number;
    /** From acceptance to success, in seconds; null if none has succeeded. */
    readonly p50Seconds: number | null;
    readonly p95Seconds: number | null;
    readonly p99Seconds: number | null;
  };
  readonly aliveWorkerCount: number;
  /** How many live workers have their circuit breaker in each state. */
  readonly breakers: Readonly<Record<string, number>>;
  /** The same for each gateway with a name. */
  readonly furtherBreakers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly isPaused: boolean;
}

export async function readRecentPayments(pool: Pool): Promise<RecentPayments> {
  const { rows } = await pool.query({
    name: 'payments-overview',
    text: `
      with latest as materialized (
        select status, extract(epoch from updated_at - created_at)::float8 as seconds
        from payments
        order by id desc
        limit 1000
      ), quantiles as (
        select percentile_cont(array[0.5, 0.95, 0.99]) within group (order by seconds) as at
        from latest
        where status = 'success'
      ), alive as (
        select state #>> '{gateway,breaker}' as breaker, coalesce(state -> 'further_gateways', '{}') as further
        from workers
        where heartbeat_at > now() - interval '10 seconds'
        limit 1000
      )
      select now() as at,
             (select n_tup_ins::float8 from pg_stat_user_tables where relid = 'payments'::regclass) as "acceptedTotal",
             (select n_tup_del::float8 from pg_stat_user_tables where relid = 'payment_tasks'::regclass) as "endedTotal",
             (select json_build_object(
                'count', count(*),
                'success', count(*) filter (where status = 'success'),
                'failed', count(*) filter (where status = 'failed'),
                'unknown', count(*) filter (where status = 'unknown'),
                'open', count(*) filter (where status = 'new'),
                'p50Seconds', (select at[1] from quantiles),
                'p95Seconds', (select at[2] from quantiles),
                'p99Seconds', (select at[3] from quantiles))
              from latest) as newest,
             (select count(*)::int from alive) as "aliveWorkerCount",
             coalesce((
               select json_object_agg(breaker, count)
               from (select coalesce(breaker, 'unknown') as breaker, count(*) from alive group by 1) as counted
             ), '{}') as breakers,
             coalesce((
               select json_object_agg(name, counts)
               from (
                 select name, json_object_agg(breaker, count) as counts
                 from (
                   select known.key as name, known.value ->> 'breaker' as breaker, count(*) as count
                   from alive
                   cross join jsonb_each(further) as known
                   group by 1, 2
                 ) as counted
                 group by name
               ) as by_gateway
             ), '{}') as "furtherBreakers",
             exists (select 1 from claim_pauses where resumed_at is null) as "isPaused"`,
  });
  return rows[0];
}
