import type { Knex } from '../database/database.ts';
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

/** Filters on open letters; those left out do not matter. */
const MATCHES = `
  letter.action is null
  and (letter.id = any (:letterIds::bigint[]) or :letterIds::bigint[] is null)
  and (letter.reason = any (:reasons::text[]) or :reasons::text[] is null)
  and (letter.user_id = :userId or :userId::bigint is null)
  and (payment.type = :type or :type::text is null)`;

/** What a command on these letters would affect. */
export async function countDeadLetters(knex: Knex, filter: LetterFilter): Promise<DeadLetterCount[]> {
  const { rows } = await knex.raw(
    `select letter.reason, payment.currency, count(*)::int as count, sum(payment.amount)::bigint as "amountMinor",
            max(letter.id) as "lastId"
     from payment_dlq as letter
     join payments as payment on payment.user_id = letter.user_id and payment.id = letter.payment_id
     where ${MATCHES}
     group by letter.reason, payment.currency
     order by letter.reason, payment.currency`,
    toBindings(filter),
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
     join payments as payment on payment.user_id = letter.user_id and payment.id = letter.payment_id
     where ${MATCHES} and letter.id > :afterId and letter.id <= :lastId
     order by letter.id
     limit :limit`,
    { ...toBindings(filter), afterId, lastId, limit },
  );
  return rows.map(({ id }: { id: bigint }) => id);
}

function toBindings({ letterIds, reasons, userId, type }: LetterFilter) {
  return {
    letterIds: letterIds ?? null,
    reasons: reasons ?? null,
    userId: userId ?? null,
    type: type ?? null,
  };
}
