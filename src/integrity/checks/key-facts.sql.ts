import type { Transaction } from '../../database/database.ts';

/** A key that was used, and whether what it was used for is there. */
export interface KeyFacts {
  /** The user that the key belongs to; 0 for keys of requests that belong to no user yet, below 0 for those of operators. */
  readonly scope: bigint;
  readonly key: string;
  readonly resourceKind: string;
  readonly resourceId: bigint;
  readonly hasResource: boolean;
  /** With microseconds, as PostgreSQL writes it. */
  readonly createdAt: string;
}

const FACTS = `
  used.scope, used.key, used.resource_kind as "resourceKind", used.resource_id as "resourceId", used.created_at::text as "createdAt",
  case used.resource_kind
    when 'user' then exists (select 1 from users where users.id = used.resource_id and used.scope in (0, users.id))
    when 'payment' then exists (select 1 from payments where payments.id = used.resource_id and payments.user_id = used.scope)
    when 'wallet' then exists (select 1 from accounts where accounts.id = used.resource_id and accounts.user_id = used.scope)
    when 'order_hold' then exists (select 1 from order_holds where order_holds.user_id = used.scope and order_holds.id = used.resource_id)
    when 'transfer' then exists (
      select 1 from wallet_transfers where wallet_transfers.id = used.resource_id and wallet_transfers.user_id = used.scope)
    -- A refusal names a quote that nobody need have taken, and which stays all the same.
    when 'conversion' then exists (
      select 1 from conversion_quotes as quote
      where quote.id = used.resource_id and quote.user_id = used.scope
        and (quote.used_at is not null or used.response_status >= 400)
    )
    -- What an order made is pruned before its key.
    else used.resource_kind = 'bulk_redrive'
  end as "hasResource"`;

/**
 * Keys that were used since, in the order of their transactions, up to `graceMs` ago; all keys of a transaction come together,
 * so there may be a few more than `limit`.
 */
export async function readNewKeyFacts(
  transaction: Transaction,
  { after, limit, graceMs }: { readonly after: string; readonly limit: number; readonly graceMs: number },
): Promise<KeyFacts[]> {
  const { rows } = await transaction.query<KeyFacts>(
    `select ${FACTS}
     from (
       select scope, key, resource_kind, resource_id, response_status, created_at
       from idempotency_keys
       where response_body is not null
         and created_at > $1::timestamptz
         and created_at <= now() - $3 * interval '1 millisecond'
       order by created_at
       fetch first $2 rows with ties
     ) as used
     order by used.created_at`,
    [after, limit, graceMs],
  );
  return rows;
}

/** A page of all keys, in their own order. */
export async function readKeyFacts(
  transaction: Transaction,
  { scope, key, limit }: { readonly scope: bigint; readonly key: string; readonly limit: number },
): Promise<KeyFacts[]> {
  const { rows } = await transaction.query<KeyFacts>(
    `select ${FACTS}
     from (
       select scope, key, resource_kind, resource_id, response_status, created_at
       from idempotency_keys
       where (scope, key) > ($1, $2)
       order by scope, key
       limit $3
     ) as used
     order by used.scope, used.key`,
    [scope, key, limit],
  );
  return rows;
}

export async function readOneKeyFacts(
  transaction: Transaction,
  { scope, key }: { readonly scope: bigint; readonly key: string },
): Promise<KeyFacts[]> {
  const { rows } = await transaction.query<KeyFacts>(
    `select ${FACTS} from idempotency_keys as used where used.scope = $1 and used.key = $2`,
    [scope, key],
  );
  return rows;
}
