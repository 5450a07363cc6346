import type { Queryable, Transaction } from '../database/database.ts';
import type { OrderHold } from './order-hold.ts';

/**
 * Writes new holds in the order of their names, so that two transactions that hold the same orders wait for each other and do not deadlock.
 * @returns whether all of them are new.
 */
export async function insertOrderHolds(
  transaction: Transaction,
  holds: readonly OrderHold[],
): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'order-holds-insert',
    text: `
      insert into order_holds (id, user_id, order_id, wallet_id, amount_minor, currency, created_at, expires_at)
      select *
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[],
                  $8::timestamptz[])
        as t (id, user_id, order_id, wallet_id, amount_minor, currency, created_at, expires_at)
      order by user_id, order_id
      on conflict (user_id, order_id) do nothing`,
    values: [
      holds.map(({ holdId }) => holdId),
      holds.map(({ userId }) => userId),
      holds.map(({ orderId }) => orderId),
      holds.map(({ walletId }) => walletId),
      holds.map(({ amountMinor }) => amountMinor),
      holds.map(({ currency }) => currency),
      holds.map(({ createdAt }) => createdAt),
      holds.map(({ expiresAt }) => expiresAt),
    ],
  });
  return rowCount === holds.length;
}

/** After a crash, the server may assign an id again, but not for the same order with the same time. */
export async function isOrderHoldWritten(
  queryable: Queryable,
  { holdId, userId, orderId, createdAt }: OrderHold,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from order_holds where user_id = $1 and id = $2 and order_id = $3 and created_at = $4',
    [userId, holdId, orderId, createdAt],
  );
  return rowCount === 1;
}
