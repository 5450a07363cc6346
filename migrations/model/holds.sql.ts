/** Money that is reserved (docs/decisions/060). */
export const HOLDS = `
-- A row while money of a wallet is reserved, no row afterwards. accounts.held is the sum of a wallet's rows, and the transaction that
-- writes or removes a row changes it. purpose and subject_id say what for: ('payment', 42).
-- Rows come and go like those of the queue, and are never changed.
create table holds (
  user_id bigint not null,
  subject_id bigint not null,
  account_id bigint not null,
  amount_minor bigint not null check (amount_minor > 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  purpose text not null check (purpose in ('payment')),
  currency text not null,
  primary key (user_id, purpose, subject_id)
) with (
  autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0.0, autovacuum_vacuum_insert_threshold = 20000,
  autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
`;
