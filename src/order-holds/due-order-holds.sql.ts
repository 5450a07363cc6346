import type { Transaction } from '../database/database.ts';
import type { OrderHold } from './order-hold.ts';
import { ORDER_HOLD_COLUMNS } from './order-hold-columns.sql.ts';

/** A hold whose time is over, and the moment at which that was seen, with microseconds, as PostgreSQL writes it. */
export interface DueOrderHold extends OrderHold {
  readonly dueAt: string;
  readonly seenAt: string;
}

/** Where a look at what is due goes on. */
export interface DuePlace {
  readonly dueAt: string;
  readonly holdId: bigint;
}

/** Locks holds whose time is over, those first that have been over longest, without waiting for any that somebody else has. */
export async function lockDueOrderHolds(
  transaction: Transaction,
  { after, limit }: { readonly after: DuePlace | null; readonly limit: number },
): Promise<DueOrderHold[]> {
  const { rows } = await transaction.query<DueOrderHold>({
    name: 'order-holds-lock-due',
    text: `
      select ${ORDER_HOLD_COLUMNS}, hold.expires_at::text as "dueAt", clock_timestamp()::text as "seenAt"
      from order_holds as hold
      where hold.status = 'open'
        and hold.expires_at <= now()
        and (hold.expires_at, hold.id) > ($1::timestamptz, $2::bigint)
      order by hold.expires_at, hold.id
      limit $3
      for no key update skip locked`,
    values: [after?.dueAt ?? '-infinity', after?.holdId ?? 0n, limit],
  });
  return rows;
}
