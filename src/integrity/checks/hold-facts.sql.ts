import type { Transaction } from '../../database/database.ts';

/** A hold, and what it is for, at one moment. */
export interface HoldFacts {
  readonly userId: bigint;
  readonly purpose: string;
  readonly subjectId: bigint;
  readonly accountId: bigint;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** What is held for an order, when there is such a hold of this user: how it stands, and what is left of it. */
  readonly orderStatus: string | null;
  readonly orderRemainingMinor: bigint | null;
  /** The payment that it is for, when there is one of this user. */
  readonly paymentStatus: string | null;
  readonly paymentType: string | null;
  readonly walletId: bigint | null;
  readonly subjectCurrency: string | null;
}

const SELECT = `
     select hold.user_id as "userId", hold.purpose, hold.subject_id as "subjectId", hold.account_id as "accountId",
            hold.amount_minor as "amountMinor", hold.currency, payment.status as "paymentStatus", payment.type as "paymentType",
            coalesce(payment.wallet_id, held.wallet_id) as "walletId",
            coalesce(payment.currency, held.currency) as "subjectCurrency", held.status as "orderStatus",
            held.amount_minor - held.captured_minor - held.released_minor as "orderRemainingMinor"`;

const SUBJECTS = `
     left join payments as payment
       on hold.purpose = 'payment' and payment.id = hold.subject_id and payment.user_id = hold.user_id
     left join order_holds as held
       on hold.purpose = 'order' and held.user_id = hold.user_id and held.id = hold.subject_id`;

/** A page of the holds in the order of their keys, with what they are for, as far as there is such a thing. */
export async function selectHolds(
  transaction: Transaction,
  {
    after,
    limit,
  }: {
    readonly after: { readonly userId: string; readonly purpose: string; readonly subjectId: string };
    readonly limit: number;
  },
): Promise<HoldFacts[]> {
  const { rows } = await transaction.query<HoldFacts>(
    `${SELECT}
     from (
       select *
       from holds
       where (user_id, purpose, subject_id) > ($1::bigint, $2::text, $3::bigint)
       order by user_id, purpose, subject_id
       limit $4
     ) as hold
     ${SUBJECTS}
     order by hold.user_id, hold.purpose, hold.subject_id`,
    [after.userId, after.purpose, after.subjectId, limit],
  );
  return rows;
}

/** One hold, when it is there. */
export async function selectHold(
  transaction: Transaction,
  {
    userId,
    purpose,
    subjectId,
  }: { readonly userId: bigint; readonly purpose: string; readonly subjectId: bigint },
): Promise<HoldFacts | undefined> {
  const { rows } = await transaction.query<HoldFacts>(
    `${SELECT}
     from holds as hold
     ${SUBJECTS}
     where hold.user_id = $1 and hold.purpose = $2 and hold.subject_id = $3`,
    [userId, purpose, subjectId],
  );
  return rows[0];
}
