import type { Knex } from 'knex';

/** What a gateway says in a way that settles nothing is kept all the same. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Why a question had no definite answer. claimed_success: it spoke of success in a way that settles nothing, which is evidence.
    alter table payment_inquiry_answers add column error_class text;

    -- The gateway's name in a success that came too late to be settled; null for all others, whose payment has it.
    alter table payment_attempts add column gateway_reference text;

    -- Another field of the callback says otherwise: it ends nothing, and is evidence that the money may have moved.
    alter table gateway_events add column is_contradictory boolean not null default false;

    -- unreadable_time: what a line has instead of a time; it counts with its money all the same, and is a difference by itself.
    alter table reconciliation_book_lines
      alter column executed_at drop not null,
      add column unreadable_time text,
      add constraint reconciliation_book_lines_time check (num_nonnulls(executed_at, unreadable_time) = 1);
    alter table reconciliation_exceptions drop constraint reconciliation_exceptions_kind_check;
    alter table reconciliation_exceptions add constraint reconciliation_exceptions_kind_check check (kind in
      ('status_contradiction', 'amount_mismatch', 'reference_mismatch', 'unknown_payment', 'missing_here', 'missing_there',
       'duplicate', 'unreadable_line'));
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
