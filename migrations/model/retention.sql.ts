/** What may be forgotten (docs/decisions/040). */
export const RETENTION = `
-- One row: what pruning last saw of the server's clock, so that a clock that jumps makes nothing old.
create table retention_clock (
  is_only boolean primary key default true check (is_only),
  seen_at timestamptz not null default now(),
  -- Since when every look came soon after the one before.
  steady_since timestamptz not null default '-infinity'
);
insert into retention_clock default values;
`;
