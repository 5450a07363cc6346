import type { Queryable, Transaction } from '../../database/database.ts';
import type { DeadLetterReason } from './dead-letter-reasons.ts';

/** The letter that is written when a payment leaves the queue without success. */
export interface NewDeadLetter {
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly reason: DeadLetterReason;
  readonly error: string | null;
  readonly attempts: number;
}

export async function insertDeadLetters(
  transaction: Transaction,
  letters: readonly NewDeadLetter[],
): Promise<void> {
  if (letters.length === 0) return;
  await transaction.query({
    name: 'queue-insert-dead-letters',
    text: `
      insert into payment_dlq (payment_id, user_id, reason, error, attempts)
      select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::int[])`,
    values: [
      letters.map((letter) => letter.paymentId),
      letters.map((letter) => letter.userId),
      letters.map((letter) => letter.reason),
      letters.map((letter) => letter.error),
      letters.map((letter) => letter.attempts),
    ],
  });
}

type PaymentOfLetter = Pick<NewDeadLetter, 'userId' | 'paymentId'>;

/** Locks the open letter of a payment, if it has one. */
export async function lockOpenDeadLetter(
  transaction: Transaction,
  { userId, paymentId }: PaymentOfLetter,
): Promise<void> {
  await transaction.query(
    'select 1 from payment_dlq where user_id = $1 and payment_id = $2 and action is null for no key update',
    [userId, paymentId],
  );
}

/** Closes the open letter of a payment that was carried out after all. */
export async function resolveDeadLetter(
  transaction: Transaction,
  { userId, paymentId }: PaymentOfLetter,
  { by, reason }: { readonly by: string; readonly reason: string | null },
): Promise<void> {
  await transaction.query(
    `update payment_dlq
     set action = 'resolved', action_at = now(), action_by = $3, action_reason = $4
     where user_id = $1 and payment_id = $2 and action is null`,
    [userId, paymentId, by, reason],
  );
}

/** Records in a payment's open letter why it failed, once this is known; an operator can then redrive or discard it. */
export async function explainDeadLetter(
  transaction: Transaction,
  { userId, paymentId }: PaymentOfLetter,
  { reason, error }: Pick<NewDeadLetter, 'reason' | 'error'>,
): Promise<void> {
  await transaction.query(
    `update payment_dlq
     set reason = $3, error = $4
     where user_id = $1 and payment_id = $2 and action is null`,
    [userId, paymentId, reason, error],
  );
}

export async function readPaymentOfLetter(
  queryable: Queryable,
  id: bigint,
): Promise<PaymentOfLetter | undefined> {
  const { rows } = await queryable.query<PaymentOfLetter>(
    'select user_id as "userId", payment_id as "paymentId" from payment_dlq where id = $1',
    [id],
  );
  return rows[0];
}

/** How a letter was closed; null while it is open. */
export async function readLetterAction(queryable: Queryable, id: bigint): Promise<string | null | undefined> {
  const { rows } = await queryable.query('select action from payment_dlq where id = $1', [id]);
  return rows[0]?.action;
}

export interface LockedDeadLetter {
  readonly id: bigint;
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly reason: DeadLetterReason;
  readonly action: string | null;
}

export async function lockDeadLetter(
  transaction: Transaction,
  id: bigint,
): Promise<LockedDeadLetter | undefined> {
  return (await lockDeadLetters(transaction, [id])).get(id);
}

/** Locks letters in the order of their ids. */
export async function lockDeadLetters(
  transaction: Transaction,
  ids: readonly bigint[],
): Promise<Map<bigint, LockedDeadLetter>> {
  const { rows } = await transaction.query<LockedDeadLetter>(
    `select id, payment_id as "paymentId", user_id as "userId", reason, action
     from payment_dlq
     where id = any ($1::bigint[])
     order by id
     for update`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Records what an operator did about a letter. */
export async function closeDeadLetter(
  transaction: Transaction,
  letter: {
    readonly id: bigint;
    readonly action: 'redriven' | 'discarded';
    readonly by: string;
    readonly reason: string | null;
    readonly redrivenPaymentId: bigint | null;
    /** The evidence that the money moved, if the operator overrode it. */
    readonly overriddenEvidence: readonly object[] | null;
  },
): Promise<void> {
  await transaction.query(
    `update payment_dlq
     set action = $2, action_at = now(), action_by = $3, action_reason = $4, redriven_payment_id = $5,
         overridden_evidence = $6
     where id = $1`,
    [
      letter.id,
      letter.action,
      letter.by,
      letter.reason,
      letter.redrivenPaymentId,
      letter.overriddenEvidence && JSON.stringify(letter.overriddenEvidence),
    ],
  );
}
