import type { Queryable } from '../database/database.ts';

export interface EventsSample {
  /** The writer that has been open for longest: readers see nothing that was written after it began. null if none is open. */
  readonly oldestWriter: {
    /** What it calls itself; empty if it says nothing, or its role may not be seen. */
    readonly application: string;
    readonly openSeconds: number;
  } | null;
  /** Events whose day had no table of its own. */
  readonly hasEventsOfOtherDays: boolean;
}

/** Writers of all databases of the server count, and so do prepared transactions. */
export async function selectEventsSample(queryable: Queryable): Promise<EventsSample> {
  const { rows } = await queryable.query<EventsSample>({
    name: 'events-sample',
    text: `
      select (
               select json_build_object('application', application, 'openSeconds', open_seconds)
               from (
                 select coalesce(application_name, '') as application, backend_xid as xid,
                        extract(epoch from clock_timestamp() - xact_start)::float8 as open_seconds
                 from pg_stat_activity
                 where backend_xid is not null and pid <> pg_backend_pid()
                 union all
                 select 'a prepared transaction', transaction, extract(epoch from clock_timestamp() - prepared)::float8
                 from pg_prepared_xacts
               ) as writer
               order by age(xid) desc
               limit 1
             ) as "oldestWriter",
             exists (select 1 from events_of_other_days) as "hasEventsOfOtherDays"`,
  });
  return rows[0] as EventsSample;
}
