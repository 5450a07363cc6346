import { strict as assert } from 'node:assert';
import type { CommandFacts } from '../../commands/command-kind.ts';
import type { Queryable, Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { toUsedKey, type UsedKeyRow, usedKeyColumns, usedKeyOf } from '../../idempotency/used-keys.sql.ts';
import type { ConversionFacts, ConversionToWrite, ConvertRequest } from './decide-conversion.ts';

interface Row extends UsedKeyRow {
  readonly is_there: boolean;
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
  requests: readonly ConvertRequest[],
  { responseTtlMs }: { readonly responseTtlMs: number },
): Promise<CommandFacts<Omit<ConversionFacts, 'positions'>>[]> {
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
      // One time for all of them: what a batch writes says so, and is looked for by it.
      text: `
        with clock as materialized (select clock_timestamp() as at)
        select quote.id is not null as is_there,
               quote.used_at,
               coalesce(quote.expires_at <= clock.at, true) as has_expired,
               clock.at::text as read_at,
               ${usedKeyColumns('$4')}
        from unnest($1::bigint[], $2::bigint[], $3::text[])
          with ordinality as request (quote_id, user_id, key, position)
        cross join clock
        left join lateral (
          select id, used_at, expires_at from conversion_quotes where id = request.quote_id limit 1
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
      facts: {
        isThere: row.is_there,
        usedAt: row.used_at,
        hasExpired: row.has_expired,
        readAt: row.read_at,
      },
    };
  });
}

/** Marks quotes as used. @throws AssertionError if one of them was used or removed meanwhile, which its lock forbids. */
export async function markUsed(
  transaction: Transaction,
  used: readonly Pick<ConversionToWrite, 'quote' | 'at'>[],
): Promise<void> {
  if (used.length === 0) return;
  const { rowCount } = await transaction.query({
    name: 'conversions-mark-used',
    text: `
      update conversion_quotes as quote
      set used_at = used.at
      from unnest($1::bigint[], $2::timestamptz[]) as used (id, at)
      where quote.id = used.id and quote.used_at is null`,
    values: [used.map(({ quote }) => quote.id), used.map(({ at }) => at)],
  });
  assert(rowCount === used.length, `${used.length} quotes were to be used, and ${rowCount} were`);
}

/** Notes that requests with a key were refused for quotes, which are then not removed. One quote may be refused several times. */
export async function markRefused(
  transaction: Transaction,
  refused: readonly Pick<ConversionToWrite, 'quote' | 'at'>[],
): Promise<void> {
  if (refused.length === 0) return;
  await transaction.query({
    name: 'conversions-mark-refused',
    text: `
      update conversion_quotes as quote
      set refused_at = refused.at
      from (
        select id, max(at) as at from unnest($1::bigint[], $2::timestamptz[]) as each (id, at) group by id
      ) as refused
      where quote.id = refused.id`,
    values: [refused.map(({ quote }) => quote.id), refused.map(({ at }) => at)],
  });
}

/** Whether this use or refusal of a quote is there; its time to the microsecond is nobody else's. */
export async function isMarked(
  queryable: Queryable,
  { kind, quote, at }: ConversionToWrite,
): Promise<boolean> {
  const column = kind === 'used' ? 'used_at' : 'refused_at';
  const { rowCount } = await queryable.query(
    `select 1 from conversion_quotes where id = $1 and ${column} = $2::timestamptz`,
    [quote.id, at],
  );
  return rowCount === 1;
}
