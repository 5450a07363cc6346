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

    -- Rows that are kept as they were written go only by the retention of their table, which says so for its own transaction.
    create function forbid_change_but_pruning() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('tollgate.prunes', true) = tg_table_name then
        return null;
      end if;
      raise exception '% on % is not allowed: its rows are kept as they were written', tg_op, tg_table_name;
    end $$;
    drop trigger payment_inquiry_answers_append_only on payment_inquiry_answers;
    create trigger payment_inquiry_answers_append_only before update or delete or truncate on payment_inquiry_answers
      for each statement execute function forbid_change_but_pruning();
    drop trigger reconciliation_exceptions_are_kept on reconciliation_exceptions;
    create trigger reconciliation_exceptions_are_kept before delete or truncate on reconciliation_exceptions
      for each statement execute function forbid_change_but_pruning();
    drop trigger reconciliation_reports_are_kept on reconciliation_reports;
    create trigger reconciliation_reports_are_kept before delete or truncate on reconciliation_reports
      for each statement execute function forbid_change_but_pruning();
    drop trigger integrity_violations_are_kept on integrity_violations;
    create trigger integrity_violations_are_kept before delete or truncate on integrity_violations
      for each statement execute function forbid_change_but_pruning();
    -- Callbacks about nobody's payment, by age.
    create index gateway_events_strangers on gateway_events (received_at) where payment_id is null;

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
