import type { Knex } from 'knex';

/**
 * Each payment and each attempt is written twice: when it begins and when its outcome is known. Pages that are filled to
 * the half have room for the second version beside the first, which then needs no new index entries (a heap-only update).
 * Pages that exist already are left as they are.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table payments set (fillfactor = 50);
    alter table payment_attempts set (fillfactor = 50);
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
