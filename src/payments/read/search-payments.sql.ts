import type { Knex } from '../../database/database.ts';
import { type Page, type PageParts, type PageQuery, readPage } from '../../database/list-page.sql.ts';
import type { PaymentStatus, PaymentType } from '../payment.ts';
import { conditionOf } from './list-payments.sql.ts';

/** What people have when they look for a payment. */
export type PaymentTrace =
  | { readonly kind: 'idempotency_key'; readonly key: string }
  | { readonly kind: 'gateway_reference'; readonly reference: string }
  /** Our reference at the gateway; it begins with the id of the payment that it was made for, and redrives may share it. */
  | { readonly kind: 'reference'; readonly paymentId: bigint; readonly reference: string };

/** A key without a user cannot use an index efficiently, so the search reads a lot and must be stopped soon. */
const SEARCH_TIMEOUT_MS = 3000;
/**
 * How many payments one search by gateway reference examines: there is no index on it, because every settlement would have to write to it.
 */
const MOST_SEARCHED = 50_000;

/** Filters on the payments that are found; those left out do not matter. */
interface SearchFilter {
  readonly userId?: bigint | undefined;
  readonly walletId?: bigint | undefined;
  readonly status?: PaymentStatus | undefined;
  readonly type?: PaymentType | undefined;
}

export interface PaymentSearch extends PageQuery, SearchFilter {
  readonly trace: PaymentTrace;
}

/**
 * Finds payments by idempotency key or reference, newest first. A search by gateway reference examines a bounded number of payments for
 * each page, and says where to continue.
 * @throws a database error with code 57014 if it takes too long.
 */
export async function searchPaymentIds(knex: Knex, search: PaymentSearch): Promise<Page<bigint>> {
  return await knex.transaction(
    async (transaction) => {
      await transaction.raw(`set local statement_timeout = ${SEARCH_TIMEOUT_MS}`);
      const { trace } = search;
      if (trace.kind !== 'gateway_reference') return await findByOurs(transaction, { ...search, trace });
      const page = await readPage<{ id: bigint }>(
        transaction,
        searchPageParts({ ...search, reference: trace.reference }),
      );
      return { items: page.items.map(({ id }) => id), nextBeforeId: page.nextBeforeId };
    },
    { readOnly: true },
  );
}

export function searchPageParts({
  reference,
  userId,
  walletId,
  status,
  type,
  limit,
  beforeId,
}: PageQuery & SearchFilter & { readonly reference: string }): PageParts {
  return {
    query: { limit, beforeId },
    walk: {
      from: 'payments as listed',
      id: 'listed.id',
      where: [userId === undefined ? undefined : 'listed.user_id = :userId'],
      as: 'payment',
      columns: 'listed.gateway_reference, listed.wallet_id, listed.status, listed.type',
      createdAt: 'listed.created_at',
    },
    select: 'select payment."idOfPage" as id',
    filters: ['payment.gateway_reference = :reference', ...conditionsOf({ walletId, status, type })],
    values: { reference, userId: userId ?? null, walletId: walletId ?? null, type: type ?? null },
    mostLookedAt: MOST_SEARCHED,
  };
}

type OurTrace = Exclude<PaymentTrace, { kind: 'gateway_reference' }>;

async function findByOurs(
  knex: Knex,
  { trace, userId, walletId, status, type, beforeId, limit }: PaymentSearch & { readonly trace: OurTrace },
): Promise<Page<bigint>> {
  const { text, values } = statementFor(trace, userId);
  const conditions = [
    beforeId === undefined ? undefined : 'payment.id < :beforeId',
    ...conditionsOf({ walletId, status, type }),
  ].filter((condition) => condition !== undefined);
  const { rows }: { rows: { id: bigint }[] } = await knex.raw(
    `select payment.id
     from (${text}) as found
     join payments as payment on payment.id = found.id
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by payment.id desc
     limit :limit`,
    {
      ...values,
      userId: userId ?? null,
      walletId: walletId ?? null,
      type: type ?? null,
      beforeId: beforeId ?? null,
      limit: limit + 1,
    },
  );
  const items = rows.slice(0, limit).map(({ id }) => id);
  return { items, nextBeforeId: rows.length > limit ? items.at(-1)! : null };
}

/** Conditions on a row `payment`. */
function conditionsOf({ walletId, status, type }: Omit<SearchFilter, 'userId'>) {
  return [
    walletId === undefined ? undefined : 'payment.wallet_id = :walletId',
    status === undefined ? undefined : conditionOf(status),
    type === undefined ? undefined : 'payment.type = :type',
  ];
}

function statementFor(trace: OurTrace, userId: bigint | undefined) {
  const ofUser = userId === undefined ? '' : 'and user_id = :userId';
  switch (trace.kind) {
    case 'idempotency_key':
      return {
        text: `
          select resource_id as id
          from idempotency_keys
          where key = :key and resource_kind = 'payment' ${userId === undefined ? '' : 'and scope = :userId'}`,
        values: { key: trace.key },
      };
    case 'reference':
      return {
        text: `
          with recursive under_reference as (
            select id, user_id from payments where id = :paymentId and reference = :reference
            union all
            select next.id, next.user_id
            from under_reference
            join payments as next on next.redrive_of = under_reference.id and next.redrive_of is not null
              and next.reference = :reference
          )
          select id
          from under_reference
          where true ${ofUser}`,
        values: { paymentId: trace.paymentId, reference: trace.reference },
      };
  }
}
