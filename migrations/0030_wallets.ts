import type { Knex } from 'knex';

/** Wallets in several currencies are opened and found by themselves (docs/decisions/082). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table idempotency_keys
      drop constraint idempotency_keys_resource_kind_check,
      add constraint idempotency_keys_resource_kind_check
        check (resource_kind in ('payment', 'user', 'bulk_redrive', 'wallet', 'transfer', 'conversion'));
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
