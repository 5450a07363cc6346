/** What happened, for whoever wants to hear of it. */
export const EVENTS = `
-- Append-only. An event is written in the transaction of what it speaks of, and stays as it was written until its day is dropped.
-- Readers go by id, and only as far as the gate lets them (docs/decisions/110): an id is drawn under the lock of the subject, so the ids of
-- a subject are in the order of what happened to it.
create sequence events_id_seq as bigint cache 1;
-- The columns are those of a CloudEvent. data has the values of the event's members in the order of its type, without their names
-- (docs/decisions/112). It is text, and not jsonb, because what readers get must be the same each time, to the byte.
-- id: whoever draws one has a transaction id by then, which is what the gate goes by; an insert by itself would get one too late.
-- nonce: makes the id of an event unlike any other, even where a server that takes over hands out a number again.
create table events (
  id bigint not null default case when pg_current_xact_id() is not null then nextval('events_id_seq') end,
  created_at timestamptz not null default now(),
  nonce integer not null default floor(random() * 2147483648)::integer,
  type text not null,
  subject text not null,
  data text not null,
  traceparent text
) partition by range (created_at);
alter sequence events_id_seq owned by events.id;
-- The only index: it is added to at its end alone. A subject's events are found by walking.
create index events_in_order on events (id);
-- For days that nobody has made yet, so that no payment waits for a table. keep_event_days moves what is in it.
create table events_of_other_days partition of events default;
create trigger events_are_kept before update or delete or truncate on events
  for each statement execute function forbid_change();

-- One row: what readers can no longer get.
create table event_retention (
  is_only boolean primary key default true check (is_only),
  -- The last event of the days that were dropped. A reader who has not come that far has missed some.
  dropped_through bigint not null default 0,
  dropped_at timestamptz
);
insert into event_retention default values;
create trigger event_retention_is_kept before delete or truncate on event_retention
  for each statement execute function forbid_change();

-- Makes the tables of the days from today on. Only an owner may do that; the role that runs calls this.
-- Attaching a table keeps nobody from writing events; it only waits for those who read the table of other days.
create function keep_event_days(days_ahead integer) returns integer language plpgsql security definer
  set search_path from current set timezone = 'UTC' set lock_timeout = '2s' as $$
declare
  new_day date;
  new_table text;
  made_count integer := 0;
begin
  -- Two that do this at once take turns.
  lock table events in share update exclusive mode;
  for new_day in
    select distinct day
    from (
      select generate_series(current_date, current_date + least(days_ahead, 366), interval '1 day')::date as day
      union all
      select created_at::date from events_of_other_days
    ) as wanted
    order by day
  loop
    new_table := 'events_' || to_char(new_day, 'YYYYMMDD');
    continue when to_regclass(new_table) is not null;
    -- Before what it has of this day is moved, so that nothing is added to it meanwhile.
    lock table events_of_other_days in access exclusive mode;
    execute format('create table %I (like events including defaults including constraints including indexes)', new_table);
    execute format(
      'with moved as (delete from events_of_other_days where created_at >= %1$L and created_at < %2$L returning *)
       insert into %3$I select * from moved', new_day, new_day + 1, new_table);
    execute format('alter table events attach partition %I for values from (%L) to (%L)', new_table, new_day, new_day + 1);
    made_count := made_count + 1;
  end loop;
  return made_count;
end $$;

-- Drops the oldest day that ended by then and that every reader has read, if there is one, for the retention of this table, which says so
-- for its own transaction. Dropping it keeps everybody from writing events for a moment, so this waits for nobody for long.
-- read_through: the last event that all who must have every event have read; null if there is nobody.
-- dropped_count: by their ids, of which some may have been drawn in vain, and some belong to events of a neighbouring day.
create function drop_event_day(ended_by timestamptz, read_through bigint, out dropped_day date, out dropped_count bigint)
  language plpgsql security definer
  set search_path from current set timezone = 'UTC' set lock_timeout = '200ms' as $$
declare
  old_table text;
  first_id bigint;
  last_id bigint;
begin
  if current_setting('tollgate.prunes', true) is distinct from 'events' then
    raise exception 'events are dropped by their retention only';
  end if;
  select relname, to_date(substr(relname, 8), 'YYYYMMDD') into old_table, dropped_day
  from pg_inherits
  join pg_class on pg_class.oid = inhrelid
  where inhparent = 'events'::regclass and relname ~ '^events_[0-9]{8}$'
    and to_date(substr(relname, 8), 'YYYYMMDD') + 1 <= ended_by
  order by relname
  limit 1;
  if old_table is null then
    return;
  end if;
  -- By the index alone: to count the events of a busy day would take minutes.
  execute format('select coalesce(min(id), 1), coalesce(max(id), 0) from %I', old_table) into first_id, last_id;
  dropped_count := last_id - first_id + 1;
  if last_id > read_through then
    dropped_day := null;
    dropped_count := null;
    return;
  end if;
  update event_retention set dropped_through = greatest(dropped_through, last_id), dropped_at = now();
  execute format('drop table %I', old_table);
end $$;

select keep_event_days(7);
`;
