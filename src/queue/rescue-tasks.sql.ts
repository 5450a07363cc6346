import type { Queryable, Transaction } from '../database/database.ts';
import { columnsOf, NAMED_RUNS } from './finish-tasks.sql.ts';
import type { RunId } from './task.ts';

/** A run whose worker did not finish before its lease expired. */
export interface ExpiredRun extends RunId {
  readonly attempts: number;
  readonly rescueCount: number;
}

/** Finds up to `limit` runs that have lost their worker, those first whose lease expired first. Locks nothing. */
export async function findExpiredRuns(queryable: Queryable, limit: number): Promise<RunId[]> {
  const { rows } = await queryable.query<RunId>({
    name: 'queue-find-expired-runs',
    text: `
      select user_id as "userId", payment_id as "paymentId", run_lease as "runLease"
      from payment_tasks
      where state = 'running' and lease_expires_at < now()
      order by lease_expires_at
      limit $1`,
    values: [limit],
  });
  return rows;
}

/** Locks those of these runs whose lease is still expired, in payment order; skips runs that others have locked. */
export async function lockExpiredRuns(
  transaction: Transaction,
  runs: readonly RunId[],
): Promise<ExpiredRun[]> {
  const { rows } = await transaction.query<ExpiredRun>({
    name: 'queue-lock-expired-runs',
    text: `
      select task.user_id as "userId", task.payment_id as "paymentId", task.run_lease as "runLease", task.attempts,
             task.rescue_count as "rescueCount"
      from unnest($1::bigint[], $2::bigint[]) as run (user_id, payment_id)
      join payment_tasks as task on task.user_id = run.user_id and task.payment_id = run.payment_id
      where task.locked_by is not null and task.lease_expires_at < now()
      order by task.payment_id
      for update of task skip locked`,
    values: [runs.map((run) => run.userId), runs.map((run) => run.paymentId)],
  });
  return rows;
}

/** Makes rescued tasks ready again. Their call may have reached the gateway, so the next run asks first. */
export async function rescueTasks(transaction: Transaction, runs: readonly RunId[]): Promise<void> {
  if (runs.length === 0) return;
  await transaction.query({
    name: 'queue-rescue-tasks',
    text: `
      update payment_tasks as task
      set state = 'ready',
          run_at = now(),
          rescue_count = task.rescue_count + 1,
          locked_by = null,
          lease_expires_at = null,
          unknown_since = now(),
          not_found_count = 0,
          not_found_at = null,
          last_error = 'the worker was lost before it reported an outcome'
      from ${NAMED_RUNS}
      where task.user_id = run.user_id and task.payment_id = run.payment_id and task.run_lease = run.run_lease`,
    values: columnsOf(runs),
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
