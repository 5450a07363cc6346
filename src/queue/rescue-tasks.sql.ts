import type { Queryable, Transaction } from '../database/database.ts';
import type { RunId } from './task.ts';

/** A run whose worker did not come back before its lease expired. */
export interface ExpiredRun extends RunId {
  readonly userId: bigint;
  readonly attempts: number;
  readonly rescueCount: number;
}

/** Finds up to `limit` payments whose run has lost its worker, those first whose lease expired first. Locks nothing. */
export async function findExpiredRuns(queryable: Queryable, limit: number): Promise<bigint[]> {
  const { rows } = await queryable.query<{ payment_id: bigint }>({
    name: 'queue-find-expired-runs',
    text: `
      select payment_id
      from payment_tasks
      where state = 'running' and lease_expires_at < now()
      order by lease_expires_at
      limit $1`,
    values: [limit],
  });
  return rows.map((row) => row.payment_id);
}

/** Locks those of these runs whose lease is still expired, in payment order; runs that others hold are left to them. */
export async function lockExpiredRuns(
  transaction: Transaction,
  paymentIds: readonly bigint[],
): Promise<ExpiredRun[]> {
  const { rows } = await transaction.query<ExpiredRun>({
    name: 'queue-lock-expired-runs',
    text: `
      select payment_id as "paymentId", run_lease as "runLease", user_id as "userId", attempts,
             rescue_count as "rescueCount"
      from payment_tasks
      where payment_id = any ($1::bigint[]) and locked_by is not null and lease_expires_at < now()
      order by payment_id
      for update skip locked`,
    values: [paymentIds],
  });
  return rows;
}

/**
 * Makes rescued tasks ready again. Their call may have reached the gateway, so the next run asks before it sends.
 */
export async function rescueTasks(transaction: Transaction, runs: readonly RunId[]): Promise<void> {
  if (runs.length === 0) return;
  await transaction.query({
    name: 'queue-rescue-tasks',
    text: `
      update payment_tasks
      set state = 'ready',
          run_at = now(),
          rescue_count = rescue_count + 1,
          locked_by = null,
          lease_expires_at = null,
          unknown_since = now(),
          not_found_count = 0,
          not_found_at = null,
          last_error = 'the worker was lost before it reported an outcome'
      where payment_id = any ($1::bigint[])`,
    values: [runs.map((run) => run.paymentId)],
  });
}

/** Closes the attempt rows of runs whose worker was lost. */
export async function abandonAttempts(transaction: Transaction, runs: readonly RunId[]): Promise<void> {
  if (runs.length === 0) return;
  await transaction.query({
    name: 'queue-abandon-attempts',
    text: `
      update payment_attempts as attempt
      set finished_at = now(), outcome = 'abandoned', error_class = 'lease_expired',
          error = 'the worker was lost before it reported an outcome'
      from unnest($1::bigint[], $2::bigint[]) as run (payment_id, run_lease)
      where attempt.payment_id = run.payment_id
        and attempt.run_lease = run.run_lease`,
    values: [runs.map((run) => run.paymentId), runs.map((run) => run.runLease)],
  });
}
