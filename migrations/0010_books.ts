import type { Knex } from 'knex';

/**
 * What the books need to stay readable when very much is wrong at once, and to be moved to another server.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A violation speaks of one subject, or, where very many break one rule, of all of them together: is_group. Its subjects are
    -- then rows of their own, so that an acknowledged violation hides only those that were in it.
    -- rechecked_after: how far the recheck of a group's subjects has come.
    alter table integrity_violations
      add column is_group boolean not null default false,
      add column subject_count integer not null default 1,
      add column samples text[] not null default '{}',
      add column rechecked_after text not null default '';
    drop index integrity_violations_one_standing;
    create unique index integrity_violations_one_standing on integrity_violations (rule, subject)
      where whole_at is null and not is_group;
    create unique index integrity_violations_one_open_group on integrity_violations (rule)
      where whole_at is null and acknowledged_at is null and is_group;
    create table integrity_violation_subjects (
      violation_id bigint not null,
      subject text not null,
      fingerprint text not null,
      primary key (violation_id, subject)
    );

    -- A report whose process has not been heard of for minutes is lost.
    alter table reconciliation_reports add column heartbeat_at timestamptz not null default now();

    -- One row: by which server's transaction ids the ledger tells old entries from new. Whatever compares them (written_by_xid,
    -- folded_below, checked_below) speaks of the server's id plus xid_offset. A copy on another server, where ids begin
    -- again, gets an offset that puts its first id beyond all those that were written: see docs/decisions/039.
    -- system_identifier: of the server that these ids are from; null while nobody was allowed to read it.
    create table ledger_clock (
      is_only boolean primary key default true check (is_only),
      system_identifier bigint,
      xid_offset bigint not null default 0 check (xid_offset >= 0),
      rebased_at timestamptz,
      rebased_by text
    );
    insert into ledger_clock default values;
    do $$
    begin
      update ledger_clock set system_identifier = (select control.system_identifier from pg_control_system() as control);
    exception when insufficient_privilege then
      null;
    end $$;
    create trigger ledger_clock_is_kept before delete or truncate on ledger_clock
      for each statement execute function forbid_change();
    create function ledger_xid() returns bigint language sql volatile
      return pg_current_xact_id()::text::bigint + (select xid_offset from ledger_clock where is_only);
    alter table ledger_entries alter column written_by_xid set default ledger_xid();
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
