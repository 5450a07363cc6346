import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A wallet shows what is on its way to it; during an outage of the gateway the others' inquiries are many.
    create index payment_inquiries_by_user on payment_inquiries (user_id, payment_id);

    -- Only an owner may analyze a table (before PostgreSQL 17 there is no right that could be given); the role that runs loads the
    -- book's lines and must not compare them by the statistics of an empty table.
    create function analyze_book_lines() returns void language plpgsql security definer set search_path from current as $$
    begin
      analyze reconciliation_book_lines;
    end $$;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
