import type { Transaction } from '../database/database.ts';

/**
 * Puts a payment back in the queue, with a full budget of attempts. Its next run asks the gateway before it sends.
 * Its run numbers continue where they stopped, so that no two runs ever have the same number.
 */
export async function requeueTask(
  transaction: Transaction,
  { paymentId, userId }: { readonly paymentId: bigint; readonly userId: bigint },
): Promise<void> {
  await transaction.query(
    `insert into payment_tasks (payment_id, user_id, unknown_since, run_lease)
     select $1, $2, now(), coalesce(max(run_lease), 0)
     from payment_attempts
     where payment_id = $1`,
    [paymentId, userId],
  );
}
