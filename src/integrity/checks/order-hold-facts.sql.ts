import type { Transaction } from '../../database/database.ts';

/** A hold for an order, its result, and what the ledger and the holds say about it, at one moment. */
export interface OrderHoldFacts {
  readonly userId: bigint;
  readonly holdId: bigint;
  readonly walletId: bigint;
  /** Whose wallet that is, and in which currency; null where it is nobody's, or does not exist. */
  readonly ownerId: bigint | null;
  readonly walletCurrency: string | null;
  readonly status: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly capturedMinor: bigint;
  readonly releasedMinor: bigint;
  /** What its captures took from its wallet, according to the entries. */
  readonly postedMinor: bigint;
  /** The amount that is reserved for it now. */
  readonly reservedMinor: bigint;
}

const SELECT = `
     select hold.user_id as "userId", hold.id as "holdId", hold.wallet_id as "walletId", hold.status, hold.currency,
            (select user_id from accounts where id = hold.wallet_id) as "ownerId",
            (select currency from accounts where id = hold.wallet_id) as "walletCurrency",
            hold.amount_minor as "amountMinor", hold.captured_minor as "capturedMinor", hold.released_minor as "releasedMinor",
            coalesce((
              select -sum(entry.amount)
              from ledger_transactions as header
              join ledger_entries as entry on entry.transaction_id = header.id and entry.account_id = hold.wallet_id
              where header.reference = 'hold:' || hold.id
            ), 0)::bigint as "postedMinor",
            coalesce((
              select sum(amount_minor)
              from holds
              where holds.user_id = hold.user_id and holds.purpose = 'order' and holds.subject_id = hold.id
            ), 0)::bigint as "reservedMinor"`;

/** A page of all holds for orders, in the order of their keys. */
export async function selectOrderHolds(
  transaction: Transaction,
  {
    after,
    limit,
  }: { readonly after: { readonly userId: string; readonly holdId: string }; readonly limit: number },
): Promise<OrderHoldFacts[]> {
  const { rows } = await transaction.query<OrderHoldFacts>(
    `${SELECT}
     from (
       select *
       from order_holds
       where (user_id, id) > ($1::bigint, $2::bigint)
       order by user_id, id
       limit $3
     ) as hold
     order by hold.user_id, hold.id`,
    [after.userId, after.holdId, limit],
  );
  return rows;
}

export interface HoldName {
  readonly userId: bigint;
  readonly holdId: bigint;
}

/** Those of them that exist. */
export async function selectNamedOrderHolds(
  transaction: Transaction,
  names: readonly HoldName[],
): Promise<OrderHoldFacts[]> {
  if (names.length === 0) return [];
  const { rows } = await transaction.query<OrderHoldFacts>(
    `${SELECT}
     from unnest($1::bigint[], $2::bigint[]) as wanted (user_id, id)
     join order_holds as hold on hold.user_id = wanted.user_id and hold.id = wanted.id
     order by hold.user_id, hold.id`,
    [names.map(({ userId }) => userId), names.map(({ holdId }) => holdId)],
  );
  return rows;
}

/** One of them, if it exists. */
export async function selectOrderHold(
  transaction: Transaction,
  name: HoldName,
): Promise<OrderHoldFacts | undefined> {
  const [hold] = await selectNamedOrderHolds(transaction, [name]);
  return hold;
}
