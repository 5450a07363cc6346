import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What a key was used for: an id alone does not say of which table.
    alter table idempotency_keys
      add column resource_kind text not null default 'payment' check (resource_kind in ('payment', 'user', 'bulk_redrive'));
    update idempotency_keys
    set resource_kind = case scope when 0 then 'user' else 'bulk_redrive' end
    where scope <= 0;
    alter table idempotency_keys alter column resource_kind drop default;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
