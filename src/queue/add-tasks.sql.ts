import type { Transaction } from '../shared/database.ts';

/**
 * Puts payments in the queue.
 * @param unknownSince set when an earlier call may have executed: the first run then asks before it sends.
 */
export async function addTasks(
  transaction: Transaction,
  tasks: readonly { readonly paymentId: bigint; readonly userId: bigint; readonly unknownSince: Date | null }[],
): Promise<void> {
  if (tasks.length === 0) return;
  await transaction.query({
    name: 'queue-add-tasks',
    text: `
      insert into payment_tasks (payment_id, user_id, unknown_since)
      select * from unnest($1::bigint[], $2::bigint[], $3::timestamptz[])`,
    values: [
      tasks.map((task) => task.paymentId),
      tasks.map((task) => task.userId),
      tasks.map((task) => task.unknownSince),
    ],
  });
}
