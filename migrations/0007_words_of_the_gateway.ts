import type { Knex } from 'knex';

/** What the gateway says is compared with everything that it names, and a gateway that says "later" burns no attempt. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- reference_mismatch: the gateway's word about a payment names another one.
    alter table reconciliation_exceptions drop constraint reconciliation_exceptions_kind_check;
    alter table reconciliation_exceptions add constraint reconciliation_exceptions_kind_check check (kind in
      ('status_contradiction', 'amount_mismatch', 'reference_mismatch', 'unknown_payment', 'missing_here', 'missing_there',
       'duplicate'));

    -- The direction that a callback names, as the gateway wrote it.
    alter table gateway_events add column type text;

    -- Runs in a row that the gateway turned away at the door: they make the pauses longer, and use up no attempt.
    alter table payment_tasks add column turned_away_count integer not null default 0;
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
