import type { Knex } from '../../database/database.ts';
import {
  type AmountFilter,
  amountConditions,
  amountValues,
  type CreatedFilter,
  type Page,
  type PageParts,
  type PageQuery,
  readPage,
  type Walk,
} from '../../database/list-page.sql.ts';
import { askedAmount } from '../kinds/payment-kinds.sql.ts';
import type { Payment, PaymentStatus, PaymentType } from '../payment.ts';
import { SELECT_PAYMENT } from './read-payments.sql.ts';

export interface PaymentFilter extends AmountFilter, CreatedFilter {
  readonly userId?: bigint | undefined;
  /**
   * A wallet of this user, who must then be named, too: the payments of a wallet are found among those of its user, which the key of the
   * table has together and in order.
   */
  readonly walletId?: bigint | undefined;
  readonly status?: PaymentStatus | undefined;
  readonly type?: PaymentType | undefined;
}

export type PaymentListQuery = PaymentFilter & PageQuery;

/**
 * Lists payments, newest first. There is no index on type, status, amount or time: each would need another write when a payment ends, and
 * the row could no longer be updated in place. Nor is there one on the wallet, which every payment would have to write, and which would
 * help only users with several busy wallets. So a filter examines a bounded number of payments for each page.
 */
export async function listPayments(knex: Knex, query: PaymentListQuery): Promise<Page<Payment>> {
  return await readPage(knex, paymentPageParts(query));
}

export function paymentPageParts(query: PaymentListQuery): PageParts {
  const { userId = null, walletId, type, status } = query;
  return {
    query,
    walk: walkOf(query),
    select: SELECT_PAYMENT,
    joins:
      'left join payment_tasks as task on task.user_id = payment.user_id and task.payment_id = payment.id',
    filters: [
      walletId === undefined ? undefined : 'payment.wallet_id = :walletId',
      type === undefined ? undefined : 'payment.type = :type',
      status === undefined ? undefined : conditionOf(status),
      ...amountConditions(query, { row: 'payment', amount: askedAmount('payment') }),
    ],
    values: { userId, walletId: walletId ?? null, type: type ?? null, ...amountValues(query) },
  };
}

/** Open payments are few, and all of them are in the queue or among the inquiries, so a search for them among all users starts there. */
function walkOf({ userId, status }: PaymentFilter): Walk {
  const source = userId === undefined && status !== undefined ? OPEN_PAYMENTS[status] : undefined;
  const rows = { as: 'payment', columns: 'listed.*', createdAt: 'listed.created_at' };
  if (source !== undefined)
    return {
      ...rows,
      from: `${source} as open`,
      id: 'open.payment_id',
      // By the id alone: of two columns that go together a planner expects few matches, and would sort all of the queue.
      join: 'join payments as listed on listed.id = open.payment_id',
    };
  return {
    ...rows,
    from: 'payments as listed',
    id: 'listed.id',
    where: [userId === undefined ? undefined : 'listed.user_id = :userId'],
  };
}

const OPEN_PAYMENTS: Readonly<Partial<Record<PaymentStatus, string>>> = {
  processing: 'payment_tasks',
  unknown: 'payment_inquiries',
};

const STATUS_CONDITIONS: Readonly<Record<PaymentStatus, string>> = {
  processing: `payment.status = 'new'`,
  unknown: `payment.status = 'unknown'`,
  success: `payment.status = 'success'`,
  failed: `payment.status = 'failed'`,
};

/** The condition on a row `payment` for this status. */
export function conditionOf(status: PaymentStatus): string {
  return STATUS_CONDITIONS[status];
}
