import type { Knex } from 'knex';

/** What a gateway says in a way that settles nothing is kept all the same. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Why a question had no definite answer. claimed_success: it spoke of success in a way that settles nothing, which is evidence.
    alter table payment_inquiry_answers add column error_class text;

    -- The gateway's name in a success that came too late to be settled; null for all others, whose payment has it.
    alter table payment_attempts add column gateway_reference text;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
