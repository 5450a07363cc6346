import pg from 'pg';
import type { TestDatabase } from './test-database.ts';

/**
 * Puts a clock of its own into one test database, which `shift` sets. `now()` and its kin are looked up in a schema that comes before
 * the server's, and the defaults of columns, which name the server's function for ever, are given anew.
 * Sessions that are open go on with the server's clock, so this comes before whatever is tested opens one.
 */
export async function installShiftedClock({ ownerUrl }: Pick<TestDatabase, 'ownerUrl'>) {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const functionOf = (name: string, volatility: string) => `
    create function shifted.${name}() returns timestamptz ${volatility}
    language sql as 'select pg_catalog.${name}() + by_how_much from shifted.clock';`;
  await owner.query(`
    create schema shifted;
    create table shifted.clock (by_how_much interval not null);
    insert into shifted.clock values ('0');
    ${functionOf('now', 'stable')}
    ${functionOf('statement_timestamp', 'stable')}
    ${functionOf('clock_timestamp', 'volatile')}
    grant usage on schema shifted to public;
    grant select on shifted.clock to public;`);
  await owner.query(`
    do $$
    declare place record;
    begin
      execute format('alter database %I set search_path = shifted, pg_catalog, public', current_database());
      for place in
        select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_default = 'now()'
      loop
        execute format('alter table public.%I alter column %I set default shifted.now()', place.table_name, place.column_name);
      end loop;
    end $$`);

  return {
    /** Sets the clock of the database this much ahead of the server's, or behind it: `1 hour`, `-10 minutes`. */
    async shift(byHowMuch: string): Promise<void> {
      await owner.query('update shifted.clock set by_how_much = $1', [byHowMuch]);
    },

    async remove(): Promise<void> {
      await owner.end();
    },
  };
}

export type ShiftedClock = Awaited<ReturnType<typeof installShiftedClock>>;
