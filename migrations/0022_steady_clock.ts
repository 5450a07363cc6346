import type { Knex } from 'knex';

/** What workers last saw of the server's clock and history, so that neither a jump nor a restore ends a payment that was carried out. */
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

    create table database_history (
      is_only boolean primary key default true check (is_only),
      -- Of the server's write-ahead log: a backup that is recovered and a standby that is promoted begin a new one.
      timeline bigint,
      cut_count bigint not null default 0,
      cut_at timestamptz,
      -- Payments up to this one may have been sent in a part of the history that is gone.
      sent_up_to bigint not null default 0
    );
    insert into database_history default values;

    -- A sequence goes back with the rest when an earlier state is put back; numbers that are drawn by chance do not meet again.
    alter table payment_inquiries alter column ask_fence set default 0;
    drop sequence payment_inquiry_fences;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
