import type { CommandFacts } from '../commands/command-kind.ts';
import type { Transaction } from '../database/database.ts';
import { sentTogether } from '../database/transactions/transaction.ts';
import { toUsedKey, usedKeyColumns, usedKeyOf } from '../idempotency/used-keys.sql.ts';
import type { ResolutionFacts, ResolveRequest } from './decide-resolution.ts';
import { ORDER_HOLD_COLUMNS } from './order-hold-columns.sql.ts';
import { toOrderHold } from './read-hold-facts.sql.ts';

/**
 * Locks the holds of requests in the order of their names (test/locks/lock-order.ts), and reads, for each request in order, its key, its hold and
 * whether the hold has expired. The facts are read after the lock, by a separate statement, which sees what the previous holder of the lock has
 * written, and the time after the wait.
 */
export async function readResolutionFacts(
  transaction: Transaction,
  requests: readonly ResolveRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<ResolutionFacts>[]> {
  const [, facts] = await sentTogether([
    lockOrderHolds(transaction, requests),
    readFacts(transaction, requests, { responseTtlMs }),
  ]);
  return facts;
}

async function lockOrderHolds(transaction: Transaction, requests: readonly ResolveRequest[]): Promise<void> {
  await transaction.query({
    name: 'order-holds-lock',
    text: `
      select 1
      from order_holds
      where (user_id, order_id) in (select * from unnest($1::bigint[], $2::text[]))
      order by user_id, order_id
      for no key update`,
    values: [requests.map(({ userId }) => userId), requests.map(({ orderId }) => orderId)],
  });
}

async function readFacts(
  transaction: Transaction,
  requests: readonly ResolveRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<ResolutionFacts>[]> {
  const targets = requests.map(({ action }) =>
    action.kind === 'capture' && action.target.kind === 'user' ? action.target : null,
  );
  const { rows } = await transaction.query({
    name: 'order-holds-read-resolution-facts',
    text: `
      select ${ORDER_HOLD_COLUMNS},
             coalesce(hold.expires_at <= moment.now, false) as is_expired,
             moment.now::text as now_text, now()::text as begun_text,
             target.id is not null as has_target, target_wallet.id as target_wallet_id, target_wallet.state as target_state,
             ${usedKeyColumns('$7')}
      from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[])
        with ordinality as request (user_id, order_id, target_id, target_name, currency, key, position)
      cross join (select clock_timestamp() as now offset 0) as moment
      left join lateral (
        select * from order_holds where user_id = request.user_id and order_id = request.order_id limit 1
      ) as hold on true
      left join lateral (
        select id from users where id = request.target_id limit 1
      ) as target on true
      left join lateral (
        select id, state
        from accounts
        where user_id = request.target_id and currency = request.currency and name = request.target_name
        limit 1
      ) as target_wallet on true
      left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
      order by request.position`,
    values: [
      requests.map(({ userId }) => userId),
      requests.map(({ orderId }) => orderId),
      targets.map((target) => target?.userId ?? null),
      targets.map((target) => target?.wallet?.name ?? ''),
      requests.map(({ currency }) => currency),
      requests.map(({ idempotency }) => idempotency?.key ?? null),
      responseTtlMs,
    ],
  });
  return rows.map((row) => ({
    usedKey: toUsedKey(row),
    walletId: row.walletId,
    alsoLockedIds: row.target_wallet_id === null ? [] : [row.target_wallet_id],
    facts: {
      hold: row.holdId === null ? null : toOrderHold(row),
      isExpired: row.is_expired,
      target: { hasUser: row.has_target, walletId: row.target_wallet_id, state: row.target_state },
      now: row.now_text,
      begunAt: row.begun_text,
    },
  }));
}
