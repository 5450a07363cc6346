import type { Transaction } from '../database/database.ts';

/** A task that was taken out of the queue, and the run that had it then, if one did. */
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

/** Locks a task, whoever has it; false when it is not there. */
export async function lockTask(transaction: Transaction, { userId, paymentId }: TaskKey): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'queue-lock-task',
    text: 'select 1 from payment_tasks where user_id = $1 and payment_id = $2 for update',
    values: [userId, paymentId],
  });
  return rowCount === 1;
}

/**
 * Takes a task out of the queue whoever has it; undefined when it is not there. With the task goes the fence: a run
 * that still works on it finds its lease gone, and whatever it reports is stale.
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

/** Closes the attempt of a run whose task was taken away while it was under way. Its own answer may still come, late. */
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
