import type { Knex } from 'knex';

/**
 * What a fair claim, a careful second run after a lost worker, and a limit on calls need.
 *
 * payment_tasks is hot, so each index has its reason:
 * - payment_tasks_by_user is replaced, not added: the same entries, with state and run_at behind the user, so that a claim
 *   can step from user to user in one descent each. Readers of one user's tasks use it as before.
 * - payment_tasks_rescued holds tasks that lost their worker and nothing else. Where none did, keeping it costs one
 *   comparison for each version of a row.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index payment_tasks_by_user;
    create index payment_tasks_by_user on payment_tasks (user_id, state, run_at);
    create index payment_tasks_rescued on payment_tasks (run_at, payment_id) where state = 'ready' and rescue_count > 0;

    -- One row for each gateway with a limit on calls: when its next call may start. Workers move it forward by what they
    -- reserve, a few times a second. The low fillfactor keeps these updates on one page.
    create table gateway_call_slots (
      gateway text primary key,
      next_call_at timestamptz not null
    ) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
  `);
}

/** Migrations go forward only: undoing one would delete what was written since. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only.');
}
