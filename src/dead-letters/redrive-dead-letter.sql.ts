import type { Queryable, Transaction } from '../database/database.ts';
import { LINKED_PAYMENTS } from '../payments/evidence/linked-payments.sql.ts';
import { NEW_PAYMENT_ID } from '../payments/payment-id.sql.ts';
import type { Sends } from './decide-redrive-reference.ts';

/** The calls that were made under each payment's reference, by every payment that has it; payments without calls are left out. */
export async function readSends(
  transaction: Transaction,
  paymentIds: readonly bigint[],
): Promise<Map<bigint, Sends>> {
  const { rows } = await transaction.query<Sends & { readonly askedId: bigint }>({
    name: 'payments-read-sends',
    text: `
      with ${LINKED_PAYMENTS}
      select linked.asked_id as "askedId", count(*)::int as "sentCount",
             (count(*) filter (where outcome is null or outcome not in ('refused', 'not_executed')))::int as "openCount",
             linked.asked_id <= (select sent_up_to from database_history) as "isPastForgotten"
      from linked
      join payment_attempts as attempt on attempt.payment_id = linked.id
      where attempt.outcome is distinct from 'not_sent'
      group by linked.asked_id`,
    values: [paymentIds, true],
  });
  return new Map(rows.map((row) => [row.askedId, row]));
}

/** Draws ids of new payments for the open letters whose payment failed, by letter. */
export async function drawRedriveIds(
  transaction: Transaction,
  letterIds: readonly bigint[],
): Promise<Map<bigint, bigint>> {
  const { rows } = await transaction.query<{ id: bigint; drawn: bigint }>({
    name: 'payments-draw-redrive-ids',
    text: `
      select id, ${NEW_PAYMENT_ID} as drawn
      from payment_dlq
      where id = any ($1::bigint[]) and action is null and reason in ('refused', 'attempts_exhausted')`,
    values: [letterIds],
  });
  return new Map(rows.map((row) => [row.id, row.drawn]));
}

/** Marks the tasks of new payments whose reference may already have been carried out, so that their first run asks the gateway. */
export async function markSentBefore(
  transaction: Transaction,
  payments: readonly { readonly userId: bigint; readonly paymentId: bigint }[],
): Promise<void> {
  if (payments.length === 0) return;
  await transaction.query(
    `update payment_tasks as task
     set unknown_since = now()
     from unnest($1::bigint[], $2::bigint[]) as sent (user_id, payment_id)
     where task.user_id = sent.user_id and task.payment_id = sent.payment_id`,
    [payments.map(({ userId }) => userId), payments.map(({ paymentId }) => paymentId)],
  );
}

/** The letter names the payment that went to the queue; only this transaction can have put that id into this letter. */
export async function isLetterRedriven(
  queryable: Queryable,
  { closing }: { readonly closing: { readonly id: bigint; readonly redrivenPaymentId: bigint | null } },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `select 1 from payment_dlq where id = $1 and action = 'redriven' and redriven_payment_id = $2`,
    [closing.id, closing.redrivenPaymentId],
  );
  return rowCount === 1;
}
