/** What keeps rows as they were written; the triggers stand beside their tables. The rights of the role that runs say the same. */
export const KEPT_ROWS = `
create function forbid_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is not allowed: its rows are kept as they were written', tg_op, tg_table_name;
end $$;

-- Rows that go only by the retention of their table, which says so for its own transaction.
create function forbid_change_but_pruning() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('tollgate.prunes', true) = tg_table_name then
    return null;
  end if;
  raise exception '% on % is not allowed: its rows are kept as they were written', tg_op, tg_table_name;
end $$;
`;
