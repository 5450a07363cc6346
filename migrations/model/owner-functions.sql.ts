/** Comes after all functions. */
export const OWNER_FUNCTIONS = `
-- Functions that run as the owner, whoever calls them, must find the tables of the ledger under their names. A table that a role has made for
-- its session alone would be found before them, unless such tables are named as the last place to look.
do $$
declare
  of_owner regprocedure;
begin
  for of_owner in select oid from pg_proc where prosecdef and pronamespace = current_schema()::regnamespace loop
    execute format('alter function %s set search_path = %s, pg_temp', of_owner, current_setting('search_path'));
  end loop;
end $$;
`;
