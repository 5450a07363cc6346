import type { Transaction } from '../shared/database.ts';
import type { Sends } from './decide-redrive-reference.ts';
import { LINKED_PAYMENTS } from './linked-payments.sql.ts';

/** What became of the calls that were made under a payment's reference, by every payment that has it. */
export async function readSends(transaction: Transaction, paymentId: bigint): Promise<Sends> {
  const { rows } = await transaction.query<Sends>({
    name: 'payments-read-sends',
    text: `
      with ${LINKED_PAYMENTS}
      select count(*)::int as "sentCount",
             (count(*) filter (where outcome is null or outcome not in ('refused', 'not_executed')))::int as "openCount"
      from linked
      join payment_attempts as attempt on attempt.payment_id = linked.id
      where attempt.outcome is distinct from 'not_sent'`,
    values: [[paymentId], true],
  });
  return rows[0]!;
}

/** Says in the task of a new payment that a call under its reference may have been carried out, so its first run asks. */
export async function markSentBefore(transaction: Transaction, paymentId: bigint): Promise<void> {
  await transaction.query('update payment_tasks set unknown_since = now() where payment_id = $1', [
    paymentId,
  ]);
}
