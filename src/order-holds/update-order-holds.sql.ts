import type { Queryable, Transaction } from '../database/database.ts';
import type { OrderHold } from './order-hold.ts';

/** A hold as it was locked, and as it will be. */
export interface OrderHoldChange {
  readonly before: OrderHold;
  readonly after: OrderHold;
  /** With microseconds, as PostgreSQL writes it; null if the hold stays open. */
  readonly resolvedAt: string | null;
}

/**
 * Writes changes of holds that this transaction has locked.
 * @returns how many were still as they were locked; it must be all of them.
 */
export async function updateOrderHolds(
  transaction: Transaction,
  changes: readonly OrderHoldChange[],
): Promise<number | null> {
  const { rowCount } = await transaction.query({
    name: 'order-holds-update',
    text: `
      update order_holds as hold
      set captured_minor = changed.captured_minor, released_minor = changed.released_minor,
          capture_count = changed.capture_count, status = changed.status, resolved_at = changed.resolved_at
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::text[], $8::timestamptz[])
        as changed (user_id, id, captured_before, captured_minor, released_minor, capture_count, status, resolved_at)
      where hold.user_id = changed.user_id and hold.id = changed.id
        and hold.status = 'open' and hold.captured_minor = changed.captured_before`,
    values: [
      changes.map(({ before }) => before.userId),
      changes.map(({ before }) => before.holdId),
      changes.map(({ before }) => before.capturedMinor),
      changes.map(({ after }) => after.capturedMinor),
      changes.map(({ after }) => after.releasedMinor),
      changes.map(({ after }) => after.captureCount),
      changes.map(({ after }) => after.status),
      changes.map(({ resolvedAt }) => resolvedAt),
    ],
  });
  return rowCount;
}

/** Whether a hold ended in this way at exactly this time. */
export async function isEnded(
  queryable: Queryable,
  { userId, holdId, status }: OrderHold,
  resolvedAt: string,
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from order_holds where user_id = $1 and id = $2 and status = $3 and resolved_at = $4::timestamptz',
    [userId, holdId, status, resolvedAt],
  );
  return rowCount === 1;
}
