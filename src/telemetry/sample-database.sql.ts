import type { Pool } from '../database/database.ts';

/** The database's statistics about our database, at one moment. */
export interface DatabaseSample {
  /** How long the oldest transaction that holds a snapshot or writes has been open, including prepared transactions. */
  readonly oldestTransactionSeconds: number;
  /** How many transactions have begun since the oldest snapshot that keeps vacuum from removing rows, including replicas' snapshots. */
  readonly snapshotLagTransactions: number;
  readonly connectionCounts: readonly { readonly state: string; readonly count: number }[];
  readonly tables: readonly { readonly table: string; readonly live: number; readonly dead: number }[];
}

/**
 * Reads only statistics views: no table, and nothing that could wait for a lock. The age of other roles' sessions is visible only to
 * members of pg_monitor.
 */
export async function selectDatabaseSample(pool: Pool, tables: readonly string[]): Promise<DatabaseSample> {
  const { rows } = await pool.query<DatabaseSample>({
    name: 'shared-sample-database',
    text: `
      with activity as materialized (
        select backend_type, state, xact_start, backend_xid, backend_xmin
        from pg_stat_activity
        where (datname = current_database() or backend_type = 'walsender')
          and pid <> pg_backend_pid()
      ),
      prepared as materialized (
        select transaction, prepared from pg_prepared_xacts where database = current_database()
      ),
      held as (
        select backend_xmin as xid from activity
        union all select transaction from prepared
        union all select xmin from pg_replication_slots
      )
      select
        coalesce((
          select extract(epoch from clock_timestamp() - min(since))::float8
          from (
            select xact_start as since from activity where backend_xmin is not null or backend_xid is not null
            union all select prepared from prepared
          ) as open
        ), 0) as "oldestTransactionSeconds",
        coalesce((select max(age(xid)) from held), 0)::int as "snapshotLagTransactions",
        coalesce((
          select json_agg(json_build_object('state', state, 'count', count))
          from (
            select case
                     when state in ('active', 'idle', 'idle in transaction') then replace(state, ' ', '_')
                     else 'other'
                   end as state,
                   count(*) as count
            from activity
            where backend_type = 'client backend'
            group by 1
          ) as connections
        ), '[]') as "connectionCounts",
        coalesce((
          select json_agg(json_build_object('table', relname, 'live', n_live_tup, 'dead', n_dead_tup))
          from pg_stat_user_tables
          where schemaname = current_schema() and relname = any($1)
        ), '[]') as tables`,
    values: [tables],
  });
  return rows[0] as DatabaseSample;
}
