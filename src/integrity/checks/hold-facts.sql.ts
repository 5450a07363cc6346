import type { Transaction } from '../../database/database.ts';

/** A hold, and what it is for, at one moment. */
export interface HoldFacts {
  readonly userId: bigint;
  readonly purpose: string;
  readonly subjectId: bigint;
  readonly accountId: bigint;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The payment that it is for, when there is one of this user. */
  readonly paymentStatus: string | null;
  readonly paymentType: string | null;
  readonly walletId: bigint | null;
  readonly paymentCurrency: string | null;
}

const SELECT = `
     select hold.user_id as "userId", hold.purpose, hold.subject_id as "subjectId", hold.account_id as "accountId",
            hold.amount_minor as "amountMinor", hold.currency, payment.status as "paymentStatus",
            payment.type as "paymentType", payment.wallet_id as "walletId", payment.currency as "paymentCurrency"`;

/** A page of the holds in the order of their keys, as far as payments have them. */
export async function selectHolds(
  transaction: Transaction,
  {
    after,
    limit,
  }: { readonly after: { readonly userId: string; readonly subjectId: string }; readonly limit: number },
): Promise<HoldFacts[]> {
  const { rows } = await transaction.query<HoldFacts>(
    `${SELECT}
     from (
       select *
       from holds
       where (user_id, purpose, subject_id) > ($1::bigint, 'payment', $2::bigint)
       order by user_id, purpose, subject_id
       limit $3
     ) as hold
     left join payments as payment on payment.id = hold.subject_id and payment.user_id = hold.user_id
     order by hold.user_id, hold.purpose, hold.subject_id`,
    [after.userId, after.subjectId, limit],
  );
  return rows;
}

/** One hold, when it is there. */
export async function selectHold(
  transaction: Transaction,
  { userId, subjectId }: { readonly userId: bigint; readonly subjectId: bigint },
): Promise<HoldFacts | undefined> {
  const { rows } = await transaction.query<HoldFacts>(
    `${SELECT}
     from holds as hold
     left join payments as payment on payment.id = hold.subject_id and payment.user_id = hold.user_id
     where hold.user_id = $1 and hold.purpose = 'payment' and hold.subject_id = $2`,
    [userId, subjectId],
  );
  return rows[0];
}
