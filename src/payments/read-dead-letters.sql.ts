import type { DeadLetterReason } from '../queue/dead-letters.sql.ts';
import type { Knex } from '../shared/database.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { PaymentType } from './payment.ts';

const SELECT_LETTER = `
    select letter.id, letter.payment_id as "paymentId", letter.user_id as "userId", payment.type,
           payment.amount as "amountMinor", payment.fee as "feeMinor", payment.currency, letter.reason, letter.error,
           letter.attempts, letter.created_at as "createdAt", letter.action, letter.action_at as "actionAt",
           letter.action_by as "actionBy", letter.action_reason as "actionReason",
           letter.redriven_payment_id as "redrivenPaymentId", letter.overridden_evidence as "overriddenEvidence"
    from payment_dlq as letter
    join payments as payment on payment.id = letter.payment_id`;

export interface DeadLetterListQuery {
  /** open: those that nobody has dealt with. */
  readonly state?: 'open' | 'handled' | 'all';
  readonly reason?: DeadLetterReason | undefined;
  readonly type?: PaymentType | undefined;
  readonly userId?: bigint | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Lists dead letters, newest first. */
export async function listDeadLetters(knex: Knex, query: DeadLetterListQuery): Promise<DeadLetter[]> {
  const { state = 'all', reason = null, type = null, userId = null, limit, offset } = query;
  const { rows } = await knex.raw(
    `${SELECT_LETTER}
    where true
      ${state === 'all' ? '' : `and letter.action is ${state === 'open' ? 'null' : 'not null'}`}
      ${reason === null ? '' : 'and letter.reason = :reason'}
      ${type === null ? '' : 'and payment.type = :type'}
      ${userId === null ? '' : 'and letter.user_id = :userId'}
    order by letter.id desc
    limit :limit offset :offset`,
    { reason, type, userId, limit, offset },
  );
  return rows;
}

/** Lists the letters of some reasons and of one user, newest first; what is left out does not matter. */
export async function listDeadLettersLike(
  knex: Knex,
  {
    state,
    reasons,
    userId,
    limit,
  }: {
    readonly state: 'open' | 'all';
    readonly reasons?: readonly DeadLetterReason[] | undefined;
    readonly userId?: bigint | undefined;
    readonly limit: number;
  },
): Promise<DeadLetter[]> {
  const { rows } = await knex.raw(
    `${SELECT_LETTER}
    where (letter.reason = any (:reasons::text[]) or :reasons::text[] is null)
      and (letter.user_id = :userId or :userId::bigint is null)
      ${state === 'open' ? 'and letter.action is null' : ''}
    order by letter.id desc
    limit :limit`,
    { reasons: reasons ?? null, userId: userId ?? null, limit },
  );
  return rows;
}

export async function findDeadLetter(knex: Knex, id: bigint): Promise<DeadLetter | undefined> {
  const { rows } = await knex.raw(`${SELECT_LETTER} where letter.id = :id`, { id });
  return rows[0];
}

/** Every letter of one payment, oldest first: one that was redriven can come back. */
export async function listDeadLettersOfPayment(knex: Knex, paymentId: bigint): Promise<DeadLetter[]> {
  const { rows } = await knex.raw(
    `${SELECT_LETTER} where letter.payment_id = :paymentId order by letter.id limit 1000`,
    { paymentId },
  );
  return rows;
}
