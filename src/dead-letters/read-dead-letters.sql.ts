import type { Knex } from '../database/database.ts';
import { askedAmount } from '../payments/kinds/payment-kinds.sql.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Of `payment_dlq as letter` and `payments as payment`. */
export const SELECT_LETTER = `
    select letter.id, letter.payment_id as "paymentId", letter.user_id as "userId", payment.type,
           ${askedAmount('payment')} as "amountMinor", payment.fee as "feeMinor", payment.wallet_pays_fee as "walletPaysFee", payment.currency, letter.reason, letter.error,
           letter.attempts, letter.created_at as "createdAt", letter.action, letter.action_at as "actionAt",
           letter.action_by as "actionBy", letter.action_reason as "actionReason",
           letter.redriven_payment_id as "redrivenPaymentId", letter.overridden_evidence as "overriddenEvidence"`;
const FROM_LETTER = `
    from payment_dlq as letter
    join payments as payment on payment.user_id = letter.user_id and payment.id = letter.payment_id`;

export async function findDeadLetter(knex: Knex, id: bigint): Promise<DeadLetter | undefined> {
  const { rows } = await knex.raw(`${SELECT_LETTER} ${FROM_LETTER} where letter.id = :id`, { id });
  return rows[0];
}

/** Every letter of one payment, oldest first: one that was redriven can come back. */
export async function listDeadLettersOfPayment(knex: Knex, paymentId: bigint): Promise<DeadLetter[]> {
  const { rows } = await knex.raw(
    `${SELECT_LETTER} ${FROM_LETTER} where payment.id = :paymentId order by letter.id limit 1000`,
    { paymentId },
  );
  return rows;
}
