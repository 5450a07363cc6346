import type { Transaction } from '../database/database.ts';
import type { ToldDifference } from './difference-events.ts';

/** Closes a difference; undefined if it is already closed, or does not exist. */
export async function markClosed(
  transaction: Transaction,
  { id, by, reason }: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<ToldDifference | undefined> {
  const { rows } = await transaction.query<ToldDifference>(
    `update reconciliation_differences
     set closed_at = now(), closed_by = $2, closed_reason = $3
     where id = $1 and closed_at is null
     returning id, payment_id as "paymentId", kind, source`,
    [id, by, reason],
  );
  return rows[0];
}

/** Whether this closing is there, after a lost COMMIT. */
export async function isClosedBy(
  queryable: Pick<Transaction, 'query'>,
  { id, by, reason }: { readonly id: bigint; readonly by: string; readonly reason: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from reconciliation_differences where id = $1 and closed_by = $2 and closed_reason = $3',
    [id, by, reason],
  );
  return rowCount === 1;
}
