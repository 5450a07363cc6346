import type { Transaction } from '../database/database.ts';

/** A task that was removed from the queue, and the run that held it, if any. */
export interface TakenTask {
  readonly state: 'ready' | 'running';
  readonly runLease: bigint;
  /** Attempts that had ended. */
  readonly attempts: number;
}

/** Names a task: a payment has one at most. */
interface TaskKey {
  readonly userId: bigint;
  readonly paymentId: bigint;
}

/** Locks a task, whoever holds it; false if it does not exist. */
export async function lockTask(transaction: Transaction, { userId, paymentId }: TaskKey): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'queue-lock-task',
    text: 'select 1 from payment_tasks where user_id = $1 and payment_id = $2 for update',
    values: [userId, paymentId],
  });
  return rowCount === 1;
}

/**
 * Removes a task from the queue, whoever holds it; undefined if it does not exist. The fence goes with the task: a run that is still
 * working on it finds its lease gone, and its result is stale.
 */
export async function takeTask(
  transaction: Transaction,
  { userId, paymentId }: TaskKey,
): Promise<TakenTask | undefined> {
  const { rows } = await transaction.query<TakenTask>({
    name: 'queue-take-task',
    text: `
      delete from payment_tasks
      where user_id = $1 and payment_id = $2
      returning state, run_lease as "runLease", attempts`,
    values: [userId, paymentId],
  });
  return rows[0];
}

/** Closes the attempt of a run whose task was removed during the run. Its own answer may still arrive, late. */
export async function closeOvertakenAttempt(
  transaction: Transaction,
  { paymentId, runLease, by }: { readonly paymentId: bigint; readonly runLease: bigint; readonly by: string },
): Promise<void> {
  await transaction.query({
    name: 'queue-close-overtaken-attempt',
    text: `
      update payment_attempts
      set finished_at = now(), outcome = 'abandoned', error_class = 'overtaken',
          error = 'the payment was concluded by ' || $3::text || ' before this attempt had its answer'
      where payment_id = $1 and run_lease = $2 and outcome is null`,
    values: [paymentId, runLease, by],
  });
}
