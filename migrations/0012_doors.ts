import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A wallet shows what is on its way to it; during an outage of the gateway the others' inquiries are many.
    create index payment_inquiries_by_user on payment_inquiries (user_id, payment_id);
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
