import type { Knex, Queryable } from '../database/database.ts';
import type { OrderHold, OrderName } from './order-hold.ts';
import { ORDER_HOLD_COLUMNS } from './order-hold-columns.sql.ts';
import { toOrderHold } from './read-hold-facts.sql.ts';

/** A wallet with its open holds for orders, oldest first, as of one moment. */
export interface Account {
  readonly userId: bigint;
  /** The UUID by which another system calls the user. */
  readonly externalId: string | null;
  readonly walletId: bigint;
  readonly currency: string;
  readonly postedMinor: bigint;
  /** By these holds, by any beyond the limit, and by payments in progress. */
  readonly heldMinor: bigint;
  readonly openHolds: readonly OrderHold[];
  /** Whether there are more open holds than were read. */
  readonly hasMoreHolds: boolean;
  /** By the clock of the database. */
  readonly readAt: Date;
}

/** Finds what was held for an order, whatever became of it, with the time by the clock of the database. */
export async function findOrderHold(
  knex: Knex,
  { userId, orderId }: OrderName,
): Promise<{ readonly hold: OrderHold; readonly readAt: Date } | undefined> {
  const { rows } = await knex.raw(
    `
    select ${ORDER_HOLD_COLUMNS}, now() as read_at
    from order_holds as hold
    where hold.user_id = :userId and hold.order_id = :orderId`,
    { userId, orderId },
  );
  return rows[0] && { hold: toOrderHold(rows[0]), readAt: rows[0].read_at };
}

/** What was held for an order, with the name of its wallet, which never changes; empty for the user's wallet without a name. */
export interface HoldOfWallet {
  readonly hold: OrderHold;
  readonly walletName: string;
}

/** Finds what was held for orders, with the names of the wallets: one hold for each order in order, undefined for an order that nothing was held for. */
export async function readOrderHolds(
  queryable: Queryable,
  orders: readonly OrderName[],
): Promise<(HoldOfWallet | undefined)[]> {
  const { rows } = await queryable.query<
    (OrderHold | Record<keyof OrderHold, null>) & { readonly wallet_name: string | null }
  >({
    name: 'order-holds-read',
    text: `
      select ${ORDER_HOLD_COLUMNS}, wallet.name as wallet_name
      from unnest($1::bigint[], $2::text[]) with ordinality as asked (user_id, order_id, position)
      left join lateral (
        select * from order_holds where user_id = asked.user_id and order_id = asked.order_id limit 1
      ) as hold on true
      left join lateral (
        select name from accounts where id = hold.wallet_id limit 1
      ) as wallet on true
      order by asked.position`,
    values: [orders.map(({ userId }) => userId), orders.map(({ orderId }) => orderId)],
  });
  return rows.map((row) =>
    row.holdId === null ? undefined : { hold: toOrderHold(row), walletName: row.wallet_name ?? '' },
  );
}

/** A user's wallet by its id, or the one without a name in a currency, or without either the one that the user began with. */
export interface AccountChoice {
  readonly userId: bigint;
  readonly walletId?: bigint | undefined;
  readonly currency?: string | undefined;
}

/**
 * Reads a wallet of a user and its open holds. One statement, so that balance, held amount and holds are of one moment.
 * @returns null if the user has no such wallet, undefined if there is no such user.
 */
export async function readAccount(
  knex: Knex,
  { userId, walletId, currency, holdLimit }: AccountChoice & { readonly holdLimit: number },
): Promise<Account | null | undefined> {
  const { rows } = await knex.raw(
    `
    select owner.id as owner_id, owner.external_id, wallet.id as account_id, wallet.currency as account_currency, wallet.posted, wallet.held,
           now() as read_at, ${ORDER_HOLD_COLUMNS}
    from users as owner
    left join lateral (
      select id, currency, posted, held
      from accounts
      where user_id = owner.id
        and ${walletId === undefined ? "name = ''" : 'id = :walletId'}
        and (currency = :currency or :currency::text is null)
      order by id
      limit 1
    ) as wallet on true
    left join lateral (
      select *
      from order_holds
      where user_id = owner.id and wallet_id = wallet.id and status = 'open'
      order by id
      limit :limit
    ) as hold on true
    where owner.id = :userId
    order by hold.id`,
    { userId, walletId: walletId ?? null, currency: currency ?? null, limit: holdLimit + 1 },
  );
  const [row] = rows;
  if (!row) return undefined;
  if (row.account_id === null) return null;
  const holds: OrderHold[] = rows.filter((each: OrderHold) => each.holdId !== null).map(toOrderHold);
  return {
    userId,
    externalId: row.external_id,
    walletId: row.account_id,
    currency: row.account_currency,
    postedMinor: row.posted,
    heldMinor: row.held,
    openHolds: holds.slice(0, holdLimit),
    hasMoreHolds: holds.length > holdLimit,
    readAt: row.read_at,
  };
}
