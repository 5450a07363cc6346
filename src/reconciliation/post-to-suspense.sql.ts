import type { Transaction } from '../database/database.ts';
import { gatewayDirection } from '../payments/kinds/payment-kinds.sql.ts';
import type { DifferenceToPost } from './decide-suspense.ts';

export interface LockedDifference extends DifferenceToPost {
  readonly id: bigint;
  readonly reference: string | null;
  readonly closedBy: string | null;
}

/** Locks a difference, and reads our current payment. */
export async function lockDifference(
  transaction: Transaction,
  id: bigint,
): Promise<LockedDifference | undefined> {
  const { rows } = await transaction.query(
    `select difference.id, difference.kind, difference.reference, difference.theirs, difference.closed_by as "closedBy",
            payment.status, ${gatewayDirection('payment.type')} as direction, payment.amount as "amountMinor", payment.currency
     from reconciliation_differences as difference
     left join payments as payment on payment.id = difference.payment_id
     where difference.id = $1
     for update of difference`,
    [id],
  );
  if (!rows[0]) return undefined;
  const { status, direction, amountMinor, currency, ...difference } = rows[0];
  return { ...difference, payment: status === null ? null : { status, direction, amountMinor, currency } };
}

/** Makes postings about one reference take turns. */
export async function lockReference(transaction: Transaction, reference: string): Promise<void> {
  await transaction.query(`select pg_advisory_xact_lock(hashtextextended('suspense ' || $1, 0))`, [
    reference,
  ]);
}

/** Another difference about the same reference that was already posted: a callback and a report may have found the same difference. */
export async function findPostedSibling(
  transaction: Transaction,
  { id, reference }: { readonly id: bigint; readonly reference: string },
): Promise<bigint | undefined> {
  const { rows } = await transaction.query<{ id: bigint }>(
    `select sibling.id
     from reconciliation_differences as sibling
     join ledger_transactions as header on header.reference = 'difference:' || sibling.id
     where sibling.reference = $1 and sibling.id <> $2
     limit 1`,
    [reference, id],
  );
  return rows[0]?.id;
}
