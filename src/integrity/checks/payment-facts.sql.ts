import type { Transaction } from '../../database/database.ts';

/** What a payment stores, and what its hold, the ledger and the queue say about it, at one moment. */
export interface PaymentFacts {
  readonly paymentId: bigint;
  readonly type: 'deposit' | 'withdraw' | 'refund';
  readonly status: 'new' | 'success' | 'failed' | 'unknown';
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly walletId: bigint;
  /** What it holds in its wallet, in its currency; 0 if it has no hold, or one with another wallet or currency. */
  readonly heldMinor: bigint;
  readonly settleCount: number;
  readonly otherStepCount: number;
  /** The effect of its steps on the wallet, in minor units as text. */
  readonly walletPosted: string;
  readonly hasTask: boolean;
  readonly hasInquiry: boolean;
  /** The payment that a refund gives back; null for other kinds, and if that payment does not exist. */
  readonly refundOf: RefundedFacts | null;
}

/** A refunded payment, with the sum of its refunds that have not failed. */
export interface RefundedFacts {
  readonly paymentId: bigint;
  readonly type: string;
  readonly status: string;
  readonly walletId: bigint;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly refundedMinor: bigint;
  readonly refundedFeeMinor: bigint;
}

/** Use one snapshot, so that writes that committed together are seen together. */
export async function readPaymentFacts(
  transaction: Transaction,
  paymentIds: readonly bigint[],
): Promise<PaymentFacts[]> {
  if (paymentIds.length === 0) return [];
  const { rows } = await transaction.query<Omit<PaymentFacts, 'refundOf'>>(
    `with checked as materialized (
       select id, user_id, wallet_id, type, status, amount, fee, currency, refund_of
       from payments
       where id = any ($1::bigint[])
     )
     select checked.id as "paymentId", checked.type, checked.status, checked.amount as "amountMinor",
            checked.fee as "feeMinor", checked.wallet_id as "walletId", coalesce(hold.amount_minor, 0) as "heldMinor", ledger.*,
            exists (select 1 from payment_tasks as task where task.user_id = checked.user_id and task.payment_id = checked.id) as "hasTask",
            exists (
              select 1 from payment_inquiries as inquiry
              where inquiry.user_id = checked.user_id and inquiry.payment_id = checked.id
            ) as "hasInquiry"
     from checked
     left join holds as hold
       on hold.user_id = checked.user_id and hold.purpose = 'payment' and hold.subject_id = checked.id
          and hold.account_id = checked.wallet_id and hold.currency = checked.currency
     -- Aggregates, so that each payment's few steps are found by index, whatever the planner's estimates.
     cross join lateral (
       select count(*) filter (where header.step = 'settle')::int as "settleCount",
              count(*) filter (where header.step <> 'settle')::int as "otherStepCount",
              coalesce(sum(wallet.posted), 0)::text as "walletPosted"
       from ledger_transactions as header
       cross join lateral (
         select sum(entry.amount) as posted
         from ledger_entries as entry
         where entry.account_id = checked.wallet_id and entry.transaction_id = header.id
       ) as wallet
       where header.reference = 'payment:' || checked.id
     ) as ledger
     order by checked.id`,
    [paymentIds],
  );
  const refunds = rows.filter(({ type }) => type === 'refund').map(({ paymentId }) => paymentId);
  const refunded = await readRefunded(transaction, refunds);
  return rows.map((row) => ({ ...row, refundOf: refunded.get(row.paymentId) ?? null }));
}

/** The payment that each of these refunds gives back, by the refund's id. */
async function readRefunded(
  transaction: Transaction,
  refundIds: readonly bigint[],
): Promise<Map<bigint, RefundedFacts>> {
  if (refundIds.length === 0) return new Map();
  const { rows } = await transaction.query<RefundedFacts & { readonly refundId: bigint }>(
    `select refund.id as "refundId", deposit.id as "paymentId", deposit.type, deposit.status,
            deposit.wallet_id as "walletId", deposit.amount as "amountMinor", deposit.fee as "feeMinor", sums.*
     from payments as refund
     join payments as deposit on deposit.id = refund.refund_of
     cross join lateral (
       select coalesce(sum(amount), 0)::bigint as "refundedMinor", coalesce(sum(fee), 0)::bigint as "refundedFeeMinor"
       from payments
       where refund_of = deposit.id and status <> 'failed'
     ) as sums
     where refund.id = any ($1::bigint[])`,
    [refundIds],
  );
  return new Map(rows.map((row) => [row.refundId, row]));
}

/** Ids in ascending order. */
export async function selectPaymentIds(
  transaction: Transaction,
  { afterId, limit }: { readonly afterId: bigint; readonly limit: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint }>(
    'select id from payments where id > $1 order by id limit $2',
    [afterId, limit],
  );
  return rows.map((row) => row.id);
}

/**
 * Ids of payments accepted since, up to the first that is younger than `graceMs`: ids are drawn before commit, so for a moment a smaller
 * one may still appear after a larger one.
 */
export async function selectNewPaymentIds(
  transaction: Transaction,
  { afterId, limit, graceMs }: { readonly afterId: bigint; readonly limit: number; readonly graceMs: number },
): Promise<bigint[]> {
  const { rows } = await transaction.query<{ id: bigint; is_young: boolean }>(
    `select id, created_at > now() - $3 * interval '1 millisecond' as is_young
     from payments
     where id > $1
     order by id
     limit $2`,
    [afterId, limit, graceMs],
  );
  const firstYoung = rows.findIndex((row) => row.is_young);
  return (firstYoung < 0 ? rows : rows.slice(0, firstYoung)).map((row) => row.id);
}

export interface OddTask {
  readonly paymentId: bigint;
  /** null when its user has no such payment. */
  readonly status: string | null;
}

/** Reads a page of the queue and returns its tasks with the status of their payments. */
export async function selectTasks(
  transaction: Transaction,
  { afterId, limit }: { readonly afterId: bigint; readonly limit: number },
): Promise<OddTask[]> {
  const { rows } = await transaction.query<OddTask>(
    `select task.payment_id as "paymentId", payment.status
     from (
       select user_id, payment_id from payment_tasks where payment_id > $1 order by payment_id limit $2
     ) as task
     left join payments as payment on payment.user_id = task.user_id and payment.id = task.payment_id
     order by task.payment_id`,
    [afterId, limit],
  );
  return rows;
}

/** The task of one payment, with the payment's status. */
export async function selectTask(transaction: Transaction, paymentId: bigint): Promise<OddTask | undefined> {
  const { rows } = await transaction.query<OddTask>(
    `select task.payment_id as "paymentId", payment.status
     from payment_tasks as task
     left join payments as payment on payment.user_id = task.user_id and payment.id = task.payment_id
     where task.payment_id = $1`,
    [paymentId],
  );
  return rows[0];
}
