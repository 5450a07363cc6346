import { strict as assert } from 'node:assert';
import type { CommandFacts } from '../../commands/command-kind.ts';
import type { Queryable, Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import type { IdempotencyClaim } from '../../idempotency/used-key.ts';
import { toUsedKey, type UsedKeyRow, usedKeyColumns, usedKeyOf } from '../../idempotency/used-keys.sql.ts';
import type { Quote } from '../quotes/quote.ts';
import type { ConversionFacts, ConversionToWrite } from './decide-conversion.ts';

interface Row extends UsedKeyRow {
  readonly used_at: Date | null;
  readonly has_expired: boolean;
  readonly read_at: string;
}

/**
 * Locks quotes in the order of their ids (test/locks/lock-order.ts), then reads what is known of each, in the order of the requests. It is read by a
 * statement of its own: only that one sees what whoever had the lock before has written, and what the time is after the wait.
 */
export async function lockAndReadQuotes(
  transaction: Transaction,
  requests: readonly { readonly quote: Quote; readonly idempotency: IdempotencyClaim | null }[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<ConversionFacts>[]> {
  const quotes = requests.map(({ quote }) => quote);
  const ids = quotes.map(({ id }) => id);
  const [, { rows }] = await sentTogether([
    transaction.query({
      name: 'conversions-lock-quotes',
      text: `
        select id
        from conversion_quotes
        where id = any ($1::bigint[])
        order by id
        for no key update`,
      values: [ids],
    }),
    transaction.query<Row>({
      name: 'conversions-read-facts',
      text: `
        select quote.used_at,
               coalesce(quote.expires_at <= clock.at, true) as has_expired,
               clock.at::text as read_at,
               ${usedKeyColumns('$4')}
        from unnest($1::bigint[], $2::bigint[], $3::text[])
          with ordinality as request (quote_id, user_id, key, position)
        cross join (select clock_timestamp() as at) as clock
        left join lateral (
          select used_at, expires_at from conversion_quotes where id = request.quote_id limit 1
        ) as quote on true
        left join lateral (${usedKeyOf('request.user_id', 'request.key')}) as used on true
        order by request.position`,
      values: [
        ids,
        quotes.map(({ userId }) => userId),
        requests.map(({ idempotency }) => idempotency?.key ?? null),
        responseTtlMs,
      ],
    }),
  ]);
  return rows.map((row, index) => {
    const { fromWalletId, toWalletId } = quotes[index]!;
    return {
      usedKey: toUsedKey(row),
      walletId: fromWalletId,
      alsoLockedIds: [toWalletId],
      facts: { usedAt: row.used_at, hasExpired: row.has_expired, readAt: row.read_at },
    };
  });
}

/** Marks quotes as used. @throws AssertionError when one of them was used or removed meanwhile, which its lock forbids. */
export async function markUsed(
  transaction: Transaction,
  conversions: readonly ConversionToWrite[],
): Promise<void> {
  const { rowCount } = await transaction.query({
    name: 'conversions-mark-used',
    text: `
      update conversion_quotes as quote
      set used_at = used.at
      from unnest($1::bigint[], $2::timestamptz[]) as used (id, at)
      where quote.id = used.id and quote.used_at is null`,
    values: [conversions.map(({ id }) => id), conversions.map(({ usedAt }) => usedAt)],
  });
  assert(
    rowCount === conversions.length,
    `${conversions.length} quotes were to be used, and ${rowCount} were`,
  );
}

/** Whether this use of a quote is there; its time to the microsecond is nobody else's. */
export async function isUsed(
  queryable: Queryable,
  { id, usedAt }: Pick<ConversionToWrite, 'id' | 'usedAt'>,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from conversion_quotes where id = $1 and used_at = $2::timestamptz',
    [id, usedAt],
  );
  return rowCount === 1;
}
