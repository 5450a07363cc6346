import type { Knex } from 'knex';

/**
 * A hold is a row, not a posting (docs/decisions/060): what a withdrawal reserves stands in `holds` for as long as it is reserved,
 * and entries say what was posted and nothing else.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Money of a wallet that is reserved: a row while it is, no row afterwards. accounts.held is the sum of a wallet's rows, and the
    -- transaction that writes or removes a row changes it. purpose and subject_id say what for: ('payment', 42).
    -- Rows come and go like those of the queue, and are never changed.
    create table holds (
      user_id bigint not null,
      subject_id bigint not null,
      account_id bigint not null,
      amount_minor bigint not null check (amount_minor > 0),
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      purpose text not null check (purpose in ('payment')),
      currency text not null,
      primary key (user_id, purpose, subject_id)
    ) with (
      autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_insert_scale_factor = 0.0, autovacuum_vacuum_insert_threshold = 20000,
      autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000,
      autovacuum_vacuum_cost_delay = 0
    );
    insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency, created_at)
    select user_id, 'payment', id, wallet_id, amount + fee, currency, created_at
    from payments
    where type = 'withdraw' and status in ('new', 'unknown');

    -- The constraint accounts_overdraft goes along with the column: held >= 0 and posted - held >= floor.
    alter table accounts rename column pending_out to held;
    update accounts set held = 0 where user_id is null;
    alter table accounts add constraint accounts_only_wallets_hold check (user_id is not null or held = 0);

    alter table ledger_entries disable trigger ledger_entries_append_only;
    alter table ledger_transactions disable trigger ledger_transactions_append_only;
    delete from ledger_entries where layer = 'pending';
    delete from ledger_transactions where step in ('hold', 'void') and reference like 'payment:%';
    alter table ledger_transactions enable trigger ledger_transactions_append_only;
    alter table ledger_entries enable trigger ledger_entries_append_only;
    alter table ledger_entries drop constraint ledger_entries_pkey;
    alter table ledger_entries drop column layer;
    alter table ledger_entries add constraint ledger_entries_pkey primary key (account_id, transaction_id);

    -- What is left free of a page stays free for ever once its rows have had their second version. A reserve of 30 of 100, with what
    -- pruning frees meanwhile, has room for four of five second versions beside the first (docs/decisions/060).
    alter table payments set (fillfactor = 70);
    alter table payment_attempts set (fillfactor = 70);

    alter table integrity_account_proofs drop column pending_out;
    -- Where the review of all entries stands was said by layers.
    update integrity_checkpoint set positions = positions - 'entries';
  `);
}

/** Migrations go forward only. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
