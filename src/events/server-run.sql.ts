/**
 * Names one run of one server: another server, and the same one after a crash, have another name. After a crash, numbers may be handed out
 * again that nothing committed had used.
 */
export const SERVER_RUN = `(
  select pg_postmaster_start_time()::text || coalesce(' ' || max(backend_start)::text, '')
  from pg_stat_activity
  where backend_type = 'checkpointer'
)`;
