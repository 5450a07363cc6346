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
    `insert into payment_tasks (payment_id, user_id, unknown_since, run_lease, gateway)
     select id, user_id, now(),
            coalesce((select max(run_lease) from payment_attempts where payment_id = $1), 0), gateway
     from payments
     where user_id = $2 and id = $1`,
    [paymentId, userId],
  );
}
