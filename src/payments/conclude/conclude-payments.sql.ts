import type { Transaction } from '../../database/database.ts';
import { LINKED_PAYMENTS } from '../evidence/linked-payments.sql.ts';
import type { Conclusion } from './conclusion.ts';

/**
 * Locks payments and those that they are linked with, in the order of their ids and without waiting for any.
 * @returns the payments that are locked together with all linked ones.
 */
export async function lockFreePayments(
  transaction: Transaction,
  paymentIds: readonly bigint[],
): Promise<Set<bigint>> {
  const { rows } = await transaction.query<{ id: bigint }>({
    name: 'payments-lock-free',
    text: `
      with ${LINKED_PAYMENTS},
      locked as materialized (
        select id
        from payments
        where (user_id, id) in (select user_id, id from linked)
        order by id
        for no key update skip locked
      )
      select linked.asked_id as id
      from linked
      left join locked on locked.id = linked.id
      group by linked.asked_id
      having count(*) = count(locked.id)`,
    values: [paymentIds, false],
  });
  return new Set(rows.map((row) => row.id));
}

/** Returns the ids of the payments that were still open; rows are written in the order of their ids. */
export async function updateConcluded(
  transaction: Transaction,
  conclusions: readonly Conclusion[],
): Promise<Set<bigint>> {
  const sorted = conclusions.toSorted((a, b) => (a.payment.paymentId < b.payment.paymentId ? -1 : 1));
  const { rows } = await transaction.query<{ id: bigint }>({
    name: 'payments-update-concluded',
    text: `
      update payments as payment
      set status = concluded.status,
          gateway_reference = coalesce(concluded.gateway_reference, payment.gateway_reference),
          attempts = payment.attempts + concluded.attempts,
          last_error = concluded.last_error,
          updated_at = now()
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::text[])
        as concluded (user_id, id, status, gateway_reference, attempts, last_error)
      where payment.user_id = concluded.user_id
        and payment.id = concluded.id
        and payment.status in ('new', 'unknown')
      returning payment.id`,
    values: [
      sorted.map(({ payment }) => payment.userId),
      sorted.map(({ payment }) => payment.paymentId),
      sorted.map(({ status }) => status),
      sorted.map((conclusion) => (conclusion.status === 'success' ? conclusion.gatewayReference : null)),
      sorted.map(({ attempts }) => attempts),
      sorted.map((conclusion) => (conclusion.status === 'success' ? null : conclusion.error)),
    ],
  });
  return new Set(rows.map((row) => row.id));
}

/** Opens inquiries about payments whose outcome is unknown. */
export async function addInquiries(
  transaction: Transaction,
  inquiries: readonly {
    readonly paymentId: bigint;
    readonly userId: bigint;
    readonly firstInquiryMs: number;
  }[],
): Promise<void> {
  if (inquiries.length === 0) return;
  await transaction.query({
    name: 'payments-add-inquiries',
    text: `
      insert into payment_inquiries (payment_id, user_id, next_ask_at, gateway)
      select payment_id, t.user_id, now() + first_inquiry_ms * interval '1 millisecond', payment.gateway
      from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as t (payment_id, user_id, first_inquiry_ms)
      left join payments as payment on payment.user_id = t.user_id and payment.id = t.payment_id`,
    values: [
      inquiries.map((inquiry) => inquiry.paymentId),
      inquiries.map((inquiry) => inquiry.userId),
      inquiries.map((inquiry) => inquiry.firstInquiryMs),
    ],
  });
}
