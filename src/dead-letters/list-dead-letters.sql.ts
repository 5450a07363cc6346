import type { Knex } from '../database/database.ts';
import {
  type AmountFilter,
  amountConditions,
  amountValues,
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
} from '../database/list-page.sql.ts';
import { askedAmount } from '../payments/kinds/payment-kinds.sql.ts';
import type { PaymentType } from '../payments/payment.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetterReason } from './letters/dead-letter-reasons.ts';
import { SELECT_LETTER } from './read-dead-letters.sql.ts';

export const LETTER_STATES = ['open', 'handled', 'all'] as const;
export type LetterState = (typeof LETTER_STATES)[number];

export interface DeadLetterListFilter extends AmountFilter, CreatedFilter {
  /** open: letters that have not been closed. */
  readonly state: LetterState;
  /** Letters with any of these reasons. */
  readonly reasons?: readonly DeadLetterReason[] | undefined;
  readonly type?: PaymentType | undefined;
  readonly userId?: bigint | undefined;
}

// Look up each one: a plan that starts with the payments of a type or an amount would read them all.
const PAYMENT_OF_LETTER =
  'cross join lateral (select * from payments where payments.user_id = letter.user_id and payments.id = letter.payment_id limit 1) as payment';

export type DeadLetterListQuery = DeadLetterListFilter & PageQuery;

/**
 * Lists dead letters, newest first. There are indexes for open letters and for a user's letters; any other filter examines a bounded number
 * of letters for each page.
 */
export async function listDeadLetters(knex: Knex, query: DeadLetterListQuery): Promise<Page<DeadLetter>> {
  return await readPage(knex, deadLetterPageParts(query));
}

export function deadLetterPageParts(query: DeadLetterListQuery): PageParts {
  const { state, reasons, type, userId } = query;
  const isByUser = userId !== undefined;
  return {
    query,
    walk: {
      from: 'payment_dlq as listed',
      id: 'listed.id',
      where: [
        isByUser ? 'listed.user_id = :userId' : undefined,
        state === 'open' && !isByUser ? 'listed.action is null' : undefined,
      ],
      as: 'letter',
      columns: 'listed.*',
      createdAt: 'listed.created_at',
    },
    select: SELECT_LETTER,
    joins: PAYMENT_OF_LETTER,
    filters: [
      state === 'open' && isByUser ? 'letter.action is null' : undefined,
      state === 'handled' ? 'letter.action is not null' : undefined,
      reasons === undefined ? undefined : 'letter.reason = any (:reasons::text[])',
      type === undefined ? undefined : 'payment.type = :type',
      ...amountConditions(query, { row: 'payment', amount: askedAmount('payment') }),
    ],
    values: {
      reasons: reasons ?? null,
      type: type ?? null,
      userId: userId ?? null,
      ...amountValues(query),
    },
  };
}
