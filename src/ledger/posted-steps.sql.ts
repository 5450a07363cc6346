import type { Queryable } from '../database/database.ts';

/**
 * Whether a step was posted by the transaction that began at this time.
 * @param createdAt with microseconds, as PostgreSQL writes it.
 */
export async function isStepPosted(
  queryable: Queryable,
  {
    reference,
    step,
    createdAt,
  }: { readonly reference: string; readonly step: string; readonly createdAt: string },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    'select 1 from ledger_transactions where reference = $1 and step = $2 and created_at = $3::timestamptz',
    [reference, step, createdAt],
  );
  return rowCount === 1;
}
