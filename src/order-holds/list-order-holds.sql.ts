import type { Knex } from '../database/database.ts';
import {
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../database/list-page.sql.ts';
import { ORDER_HOLD_ENDINGS, type OrderHold } from './order-hold.ts';
import { ORDER_HOLD_COLUMNS } from './order-hold-columns.sql.ts';

/** `overdue`: open although its time is over. `ended`: whatever ended it. */
export const ORDER_HOLD_STATES = ['open', 'overdue', 'ended', ...ORDER_HOLD_ENDINGS, 'all'] as const;
export type OrderHoldState = (typeof ORDER_HOLD_STATES)[number];

export interface OrderHoldFilter extends CreatedFilter {
  readonly state: OrderHoldState;
  readonly userId?: bigint | undefined;
  /** A wallet of this user, who must then be named, too. */
  readonly walletId?: bigint | undefined;
  readonly currency?: string | undefined;
}

const STATE_CONDITIONS: Readonly<Record<OrderHoldState, string | undefined>> = {
  open: `hold.status = 'open'`,
  // expires_at alone would let the plan begin with the index of what is due, in another order.
  overdue: `hold.status = 'open' and hold.expires_at <= now()`,
  ended: `hold.status <> 'open'`,
  captured: `hold.status = 'captured'`,
  released: `hold.status = 'released'`,
  expired: `hold.status = 'expired'`,
  all: undefined,
};

/** A hold, and when it was read by the clock of the database. */
export interface ListedOrderHold extends OrderHold {
  readonly readAt: Date;
}

/** Lists holds for orders, newest first. */
export async function listOrderHolds(
  knex: Knex,
  query: OrderHoldFilter & PageQuery,
): Promise<Page<ListedOrderHold>> {
  return await readPage(knex, orderHoldPageParts(query));
}

export function orderHoldPageParts(query: OrderHoldFilter & PageQuery): PageParts {
  const { state, userId, walletId, currency } = query;
  const isOfAll = userId === undefined;
  const isOfWallet = walletId !== undefined;
  const isOpen = state === 'open' || state === 'overdue';
  return {
    query,
    walk: {
      from: 'order_holds as listed',
      id: 'listed.id',
      // Open ones have indexes of their own, of all users and of one wallet; a user's holds are walked by the key.
      where: [
        isOfAll ? undefined : 'listed.user_id = :userId',
        isOpen && isOfWallet ? 'listed.wallet_id = :walletId' : undefined,
        isOpen && (isOfAll || isOfWallet) ? `listed.status = 'open'` : undefined,
      ],
      as: 'hold',
      columns: 'listed.*',
      createdAt: 'listed.created_at',
    },
    select: `select ${ORDER_HOLD_COLUMNS}, now() as "readAt"`,
    filters: [
      STATE_CONDITIONS[state],
      isOfWallet ? 'hold.wallet_id = :walletId' : undefined,
      currency === undefined ? undefined : 'hold.currency = :currency',
    ],
    values: { userId: userId ?? null, walletId: walletId ?? null, currency: currency ?? null },
  };
}
