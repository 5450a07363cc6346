import type { Knex } from 'knex';

/** What workers last saw of the server's clock, so that a clock that jumps makes nothing old that ends a payment. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table steady_clock (
      is_only boolean primary key default true check (is_only),
      seen_at timestamptz not null default now(),
      -- Since when somebody watched it all the time and it went as fast as time does.
      steady_since timestamptz not null default '-infinity',
      -- How often steady_since was set: an answer that spans a change counts for nothing.
      change_count bigint not null default 0
    );
    insert into steady_clock default values;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table steady_clock');
}
