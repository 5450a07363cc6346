import type { Knex } from 'knex';

/** A refund is a payment that gives a settled deposit back, in part or whole (docs/decisions/064). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table payments
      add column refund_of bigint,
      add column refund_reason text,
      drop constraint payments_type_check,
      add constraint payments_type_check check (type in ('deposit', 'withdraw', 'refund')),
      add constraint payments_refund_names_its_deposit check ((type = 'refund') = (refund_of is not null));
    -- For the sum of what was given back of a deposit. Neither column is ever changed, so a payment that ends is still updated in place.
    create index payments_refunds on payments (refund_of) where refund_of is not null;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
