import type { Knex } from 'knex';

/**
 * What lists and orders of operators stand on. None of these tables is written when a payment is accepted, claimed or settled with
 * success; a dead letter is written when one ends otherwise.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A list goes from one page to the next by id, and an index has to give its rows in that order.
    create index payment_dlq_open on payment_dlq (id) where action is null;
    create index payment_dlq_by_user on payment_dlq (user_id, id);
    drop index reconciliation_exceptions_by_payment;
    create index reconciliation_exceptions_by_payment on reconciliation_exceptions (payment_id, id)
      where payment_id is not null;

    -- Any of several reasons; null: whatever the reason.
    alter table bulk_redrives add column letter_reasons text[];
    update bulk_redrives set letter_reasons = array[letter_reason] where letter_reason is not null;
    alter table bulk_redrives drop column letter_reason;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
