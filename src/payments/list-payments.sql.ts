import type { Knex } from '../shared/database.ts';
import type { Payment, PaymentStatus, PaymentType } from './payment.ts';
import { SELECT_PAYMENT } from './read-payments.sql.ts';

export interface PaymentListQuery {
  readonly userId?: bigint;
  readonly status?: PaymentStatus;
  readonly type?: PaymentType;
  readonly limit: number;
  /** Only payments with a smaller id: where the page before ended. */
  readonly beforeId?: bigint;
}

export interface PaymentPage {
  readonly payments: readonly Payment[];
  /** Where the next page begins; null when there is none. */
  readonly nextBeforeId: bigint | null;
}

/**
 * Payments that a page looks at. No index knows type and status: each would be written to again when a payment ends, and its
 * row could no longer be updated in place. So a filter looks at the newest so many, and a page that found too little
 * says where to go on.
 */
export const MOST_LOOKED_AT = 5000;

/** Lists payments, newest first. A page may hold fewer than `limit`, even none, and still have a next one. */
export async function listPayments(knex: Knex, query: PaymentListQuery): Promise<PaymentPage> {
  const { text, values } = paymentListStatement(query);
  const { rows }: { rows: (Payment & { lookedTo: bigint | null })[] } = await knex.raw(text, values);
  const found = rows.filter(({ paymentId }) => paymentId !== null);
  const payments = found.slice(0, query.limit);
  if (found.length > query.limit) return { payments, nextBeforeId: payments.at(-1)?.paymentId ?? null };
  return { payments, nextBeforeId: rows[0]?.lookedTo ?? null };
}

/** Gives one payment more than the page holds, if there is one, and how far was looked if not at all of them. */
export function paymentListStatement(query: PaymentListQuery) {
  const { userId = null, type = null, status = null, beforeId = null, limit } = query;
  const isFiltered = type !== null || status !== null;
  const lookedAt = lookAt(query, isFiltered ? ':mostLookedAt' : ':limit');
  const text = `
    select page.*, bound."lookedTo"
    from (
      -- Without a filter the page itself says whether there is more.
      ${isFiltered ? `select case when count(*) = :mostLookedAt then min(id) end as "lookedTo" from (${lookedAt.ids}) as looked_at` : 'select null::bigint as "lookedTo"'}
    ) as bound
    left join (
      ${SELECT_PAYMENT}
      from (${lookedAt.payments}) as payment
      left join payment_tasks as task on task.payment_id = payment.id
      where true
        ${type === null ? '' : 'and payment.type = :type'}
        ${status === null ? '' : `and ${STATUS_CONDITIONS[status]}`}
      order by payment.id desc
      limit :limit
    ) as page on true
    order by page."paymentId" desc`;
  return { text, values: { userId, type, beforeId, limit: limit + 1, mostLookedAt: MOST_LOOKED_AT } };
}

/** Open payments are few, and the queue and the list of inquiries know them all; so a search for them among all users starts there. */
function lookAt({ userId, status, beforeId }: PaymentListQuery, limit: string) {
  const source = userId === undefined && status !== undefined ? OPEN_PAYMENTS[status] : undefined;
  const before = (id: string) => (beforeId === undefined ? '' : `and ${id} < :beforeId`);
  if (source !== undefined) {
    const walk = `where true ${before('open.payment_id')} order by open.payment_id desc limit ${limit}`;
    return {
      ids: `select open.payment_id as id from ${source} as open ${walk}`,
      payments: `select payment.* from ${source} as open join payments as payment on payment.id = open.payment_id ${walk}`,
    };
  }
  const ofUser = userId === undefined ? 'true' : 'user_id = :userId';
  const walk = `from payments where ${ofUser} ${before('id')} order by id desc limit ${limit}`;
  return { ids: `select id ${walk}`, payments: `select * ${walk}` };
}

const OPEN_PAYMENTS: Readonly<Partial<Record<PaymentStatus, string>>> = {
  new: 'payment_tasks',
  processing: 'payment_tasks',
  unknown: 'payment_inquiries',
};

const HAS_BEGUN = 'coalesce(task.run_lease > 0 or task.attempts > 0, false)';
const STATUS_CONDITIONS: Readonly<Record<PaymentStatus, string>> = {
  new: `payment.status = 'new' and not ${HAS_BEGUN}`,
  processing: `payment.status = 'new' and ${HAS_BEGUN}`,
  unknown: `payment.status = 'unknown'`,
  success: `payment.status = 'success'`,
  failed: `payment.status = 'failed'`,
};
