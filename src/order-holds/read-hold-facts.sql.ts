import type { CommandFacts } from '../commands/command-kind.ts';
import type { Transaction } from '../database/database.ts';
import { toUsedKey, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import type { HoldFacts, HoldForOrderRequest } from './decide-hold-for-order.ts';
import type { OrderHold } from './order-hold.ts';
import { ORDER_HOLD_COLUMNS } from './order-hold-columns.sql.ts';

/**
 * Reads, for each request in order, its user, wallet, key and any existing hold for its order, and draws ids for new holds. It is read once the wallets
 * are locked, and locks nothing itself: if another transaction holds the same order of another wallet at this moment, writing the hold will show it.
 */
export async function readHoldFacts(
  transaction: Transaction,
  requests: readonly HoldForOrderRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<HoldFacts>[]> {
  const { rows } = await transaction.query({
    name: 'order-holds-read-hold-facts',
    text: `
      select fact.*,
             case
               when fact.account_id is not null and fact.resource_id is null and fact."holdId" is null
               then nextval('order_holds_id_seq')
             end as new_id,
             now() as now
      from (
        select owner.id is not null as has_user, wallet.id as account_id,
               ${ORDER_HOLD_COLUMNS},
               ${usedKeyColumns('$6')}
        from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
          with ordinality as request (user_id, currency, wallet_name, order_id, key, position)
        left join lateral (
          select id from users where id = request.user_id limit 1
        ) as owner on true
        left join lateral (
          select id
          from accounts
          where user_id = request.user_id and currency = request.currency and name = request.wallet_name
          limit 1
        ) as wallet on true
        left join lateral (
          select * from order_holds where user_id = request.user_id and order_id = request.order_id limit 1
        ) as hold on true
        left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
        order by request.position
        offset 0
      ) as fact`,
    values: [
      requests.map(({ userId }) => userId),
      requests.map(({ currency }) => currency),
      requests.map(({ wallet }) => wallet?.name ?? ''),
      requests.map(({ orderId }) => orderId),
      requests.map(({ idempotency }) => idempotency?.key ?? null),
      responseTtlMs,
    ],
  });
  return rows.map((row) => ({
    usedKey: toUsedKey(row),
    walletId: row.account_id,
    facts: {
      hasUser: row.has_user,
      found: row.holdId === null ? null : toOrderHold(row),
      holdId: row.new_id,
      now: row.now,
    },
  }));
}

/** Picks the columns of a hold from a row that has others as well. */
export function toOrderHold(row: OrderHold): OrderHold {
  const { holdId, userId, orderId, walletId, amountMinor, currency, capturedMinor, releasedMinor } = row;
  const { captureCount, status, createdAt, expiresAt, resolvedAt } = row;
  return {
    ...{ holdId, userId, orderId, walletId, amountMinor, currency, capturedMinor, releasedMinor },
    ...{ captureCount, status, createdAt, expiresAt, resolvedAt },
  };
}
