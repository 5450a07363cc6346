import type { Queryable, Transaction } from '../database/database.ts';
import type { OrderHold } from './order-hold.ts';
import { ORDER_HOLD_COLUMNS } from './order-hold-columns.sql.ts';

/** A hold whose time is over, as it is found; `dueAt` with microseconds, as PostgreSQL writes it. */
export interface DueOrderHold {
  readonly userId: bigint;
  readonly holdId: bigint;
  readonly dueAt: string;
}

/** Where a search for what is due continues. */
export type DuePlace = Pick<DueOrderHold, 'holdId' | 'dueAt'>;

/** Such a hold once it is locked. */
export interface LockedDueHold extends OrderHold {
  /** When that was seen, with microseconds, as PostgreSQL writes it. */
  readonly seenAt: string;
  /** Its wallet exists, as it always should. */
  readonly hasWallet: boolean;
}

/** Finds holds whose time is over, longest first. Nothing is locked. */
export async function findDueOrderHolds(
  queryable: Queryable,
  { after, limit }: { readonly after: DuePlace | null; readonly limit: number },
): Promise<DueOrderHold[]> {
  const { rows } = await queryable.query<DueOrderHold>({
    name: 'order-holds-find-due',
    text: `
      select user_id as "userId", id as "holdId", expires_at::text as "dueAt"
      from order_holds
      where status = 'open'
        and expires_at <= now()
        and (expires_at, id) > ($1::timestamptz, $2::bigint)
      order by expires_at, id
      limit $3`,
    values: [after?.dueAt ?? '-infinity', after?.holdId ?? 0n, limit],
  });
  return rows;
}

/** Locks those of the holds that are still open and due, without waiting for any that another transaction has locked. */
export async function lockDueOrderHolds(
  transaction: Transaction,
  due: readonly DueOrderHold[],
): Promise<LockedDueHold[]> {
  const { rows } = await transaction.query<LockedDueHold>({
    name: 'order-holds-lock-due',
    text: `
      select ${ORDER_HOLD_COLUMNS}, clock_timestamp()::text as "seenAt",
             exists (select 1 from accounts where id = hold.wallet_id) as "hasWallet"
      from order_holds as hold
      where (hold.user_id, hold.id) in (select * from unnest($1::bigint[], $2::bigint[]))
        and hold.status = 'open'
        and hold.expires_at <= now()
      order by hold.user_id, hold.id
      for no key update of hold skip locked`,
    values: [due.map(({ userId }) => userId), due.map(({ holdId }) => holdId)],
  });
  return rows;
}
