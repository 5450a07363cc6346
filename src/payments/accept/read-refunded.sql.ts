import type { Transaction } from '../../database/database.ts';
import { sentTogether } from '../../database/transactions/transaction.ts';
import { LINKED_PAYMENTS } from '../evidence/linked-payments.sql.ts';
import type { RefundedDeposit } from './decide-refund.ts';

type ById = ReadonlyMap<bigint, RefundedDeposit>;

/**
 * Locks deposits in the order of their ids, so that their refunds are decided one after another (test/locks/lock-order.ts), and returns the settled
 * ones with what was refunded of each.
 */
export async function lockAndReadRefunded(
  transaction: Transaction,
  depositIds: readonly bigint[],
): Promise<ById> {
  if (depositIds.length === 0) return new Map();
  const [, deposits] = await sentTogether([
    transaction.query({
      name: 'payments-lock-deposits',
      text: 'select 1 from payments where id = any ($1::bigint[]) order by id for no key update',
      values: [depositIds],
    }),
    readRefunded(transaction, depositIds),
  ]);
  return deposits;
}

/**
 * The same, and also locks payments and those linked with them: all are payments, so one order applies to all. Without a deposit, nothing
 * is locked.
 */
export async function lockLinkedAndReadRefunded(
  transaction: Transaction,
  {
    paymentIds,
    depositIds,
  }: { readonly paymentIds: readonly bigint[]; readonly depositIds: readonly bigint[] },
): Promise<ById> {
  if (depositIds.length === 0) return new Map();
  const [, deposits] = await sentTogether([
    transaction.query({
      name: 'payments-lock-linked-and-deposits',
      text: `
        with ${LINKED_PAYMENTS}
        select 1
        from payments
        where id in (select id from linked union all select unnest($3::bigint[]))
        order by id
        for no key update`,
      values: [paymentIds, false, depositIds],
    }),
    readRefunded(transaction, depositIds),
  ]);
  return deposits;
}

/** A separate statement, so that it sees what was committed while we waited for the lock. */
async function readRefunded(transaction: Transaction, depositIds: readonly bigint[]): Promise<ById> {
  const { rows } = await transaction.query<RefundedDeposit>({
    name: 'payments-read-refunded',
    text: `
      select deposit.id as "paymentId", deposit.amount as "amountMinor", deposit.fee as "feeMinor",
             deposit.wallet_pays_fee as "walletPaysFee", deposit.gateway as "gatewayName", refunded.*
      from payments as deposit
      cross join lateral (
        select coalesce(sum(amount), 0)::bigint as "refundedMinor", coalesce(sum(fee), 0)::bigint as "refundedFeeMinor"
        from payments
        where refund_of = deposit.id and status <> 'failed'
      ) as refunded
      where deposit.id = any ($1::bigint[]) and deposit.type = 'deposit' and deposit.status = 'success'`,
    values: [depositIds],
  });
  return new Map(rows.map((row) => [row.paymentId, row]));
}
