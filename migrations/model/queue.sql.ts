/** What is still to do: a task is a row for as long as a payment waits or is worked on. */
export const QUEUE = `
-- Finished tasks leave the table, so that its indexes stay small for ever.
-- run_lease is the fence: it grows with every claim, and whatever a run reports counts only while the task still carries that run's
-- number. unknown_since says that a call may have executed, so the next run asks first.
create table payment_tasks (
  user_id bigint not null,
  payment_id bigint not null,
  created_at timestamptz not null default now(),
  run_at timestamptz not null default now(),
  unknown_since timestamptz,
  -- Since when the gateway's last "not found" counts; the next one counts only some time later.
  not_found_at timestamptz,
  run_lease bigint not null default 0,
  lease_expires_at timestamptz,
  attempts integer not null default 0,
  rescue_count integer not null default 0,
  not_found_count integer not null default 0,
  -- Runs in a row that the gateway turned away at the door: they make the pauses longer, and use up no attempt.
  turned_away_count integer not null default 0,
  state text not null default 'ready' check (state in ('ready', 'running')),
  locked_by text,
  last_error text,
  -- Of its payment, so that a claim passes over the tasks of a gateway that is down without reading them.
  gateway text,
  primary key (user_id, payment_id),
  constraint payment_tasks_running_is_leased
    check ((state = 'running') = (locked_by is not null) and (state = 'running') = (lease_expires_at is not null))
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0.0, autovacuum_vacuum_insert_threshold = 20000,
  autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
-- A list of all open payments goes from one page to the next by payment.
create unique index payment_tasks_by_payment on payment_tasks (payment_id);
-- Each matches the order of the statement that reads it: claim and rescue. A claim by turns steps from user to user through the key.
create index payment_tasks_ready on payment_tasks (run_at, payment_id) where state = 'ready' and gateway is null;
-- The same for each gateway with a name: where there is none, keeping it costs one comparison for each version of a row.
create index payment_tasks_ready_elsewhere on payment_tasks (gateway, run_at, payment_id)
  where state = 'ready' and gateway is not null;
create index payment_tasks_running on payment_tasks (lease_expires_at) where state = 'running';
-- Tasks that lost their worker, and nothing else: where none did, keeping it costs one comparison for each version of a row.
create index payment_tasks_rescued on payment_tasks (run_at, payment_id) where state = 'ready' and rescue_count > 0;

-- One row for each run of a task, committed before the call that it speaks of; outcome is null while it may be under way.
-- Written twice, like a payment. Its key begins with the payment: retention walks attempts in the order of payments, which is that of
-- their age, and by users it would have to look at each of them every day (docs/decisions/081).
create table payment_attempts (
  payment_id bigint not null,
  run_lease bigint not null,
  user_id bigint not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  attempt integer not null,
  http_status integer,
  latency_ms integer,
  outcome text check (outcome in ('succeeded', 'refused', 'not_executed', 'unknown', 'not_sent', 'abandoned')),
  inquiry text check (inquiry in ('succeeded', 'refused', 'not_found', 'unknown')),
  error_class text,
  error text,
  -- The gateway's name in a success that came too late to be settled; null for all others, whose payment has it.
  gateway_reference text,
  worker text not null,
  primary key (payment_id, run_lease)
) with (fillfactor = 70);

-- One row for each gateway with a limit on calls: when its next call may start. Workers move it forward by what they
-- reserve, a few times a second. The low fillfactor keeps these updates on one page.
create table gateway_call_slots (
  gateway text primary key,
  next_call_at timestamptz not null
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);

-- Where each gateway with a name is, without user and query: a worker that finds another address under a name calls it only if it is told that the
-- gateway has moved, because only the one that was asked before knows what became of its payments.
create table gateway_addresses (
  gateway text primary key,
  address text not null,
  noted_at timestamptz not null default now()
);
`;
