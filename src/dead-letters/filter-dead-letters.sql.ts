import type { Knex } from '../database/database.ts';
import { askedAmount } from '../payments/kinds/payment-kinds.sql.ts';
import type { LetterFilter } from './bulk-redrive.ts';
import type { DeadLetterReason } from './letters/dead-letter-reasons.ts';

export interface DeadLetterCount {
  readonly reason: DeadLetterReason;
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: bigint;
  /** The newest letter that was counted. */
  readonly lastId: bigint;
}

/**
 * Whether a letter is one of those that a filter means; what the filter leaves out is no condition.
 * @param placeOf how the statement writes the place of a value: `$2`, or `:type`.
 */
export function matchesFilter(placeOf: (value: keyof LetterFilter) => string): string {
  const [reasons, type, userId, letterIds] = FILTER_VALUES.map(placeOf);
  return `
    (${reasons}::text[] is null or letter.reason = any (${reasons}::text[]))
    and (${type}::text is null or exists (
      select 1 from payments as wanted
      where wanted.user_id = letter.user_id and wanted.id = letter.payment_id and wanted.type = ${type}::text))
    and (${userId}::bigint is null or letter.user_id = ${userId}::bigint)
    and (${letterIds}::bigint[] is null or letter.id = any (${letterIds}::bigint[]))`;
}

const FILTER_VALUES = ['reasons', 'type', 'userId', 'letterIds'] as const satisfies (keyof LetterFilter)[];

/** The values of a filter by their names, as a statement with named places has them. */
export function namedFilterValues({ reasons, type, userId, letterIds }: LetterFilter) {
  return {
    reasons: reasons ?? null,
    type: type ?? null,
    userId: userId ?? null,
    letterIds: letterIds ?? null,
  };
}

export const NAMED_MATCHES = matchesFilter((name) => `:${name}`);

/** What a command on these letters would affect. */
export async function countDeadLetters(knex: Knex, filter: LetterFilter): Promise<DeadLetterCount[]> {
  const { rows } = await knex.raw(
    `select letter.reason, payment.currency, count(*)::int as count, sum(${askedAmount('payment')})::bigint as "amountMinor",
            max(letter.id) as "lastId"
     from payment_dlq as letter
     join payments as payment on payment.user_id = letter.user_id and payment.id = letter.payment_id
     where letter.action is null and ${NAMED_MATCHES}
     group by letter.reason, payment.currency
     order by letter.reason, payment.currency`,
    namedFilterValues(filter),
  );
  return rows;
}

/** Ids of open letters, oldest first, above one id and up to another: letters that arrive later are not included. */
export async function selectDeadLetterIds(
  knex: Knex,
  filter: LetterFilter,
  { afterId, lastId, limit }: { readonly afterId: bigint; readonly lastId: bigint; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await knex.raw(
    `select letter.id
     from payment_dlq as letter
     where letter.action is null and ${NAMED_MATCHES} and letter.id > :afterId and letter.id <= :lastId
     order by letter.id
     limit :limit`,
    { ...namedFilterValues(filter), afterId, lastId, limit },
  );
  return rows.map(({ id }: { id: bigint }) => id);
}
