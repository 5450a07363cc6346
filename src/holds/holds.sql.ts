import type { Transaction } from '../database/database.ts';
import type { Hold, HoldKey } from './hold.ts';

/** Writes rows for holds. */
export async function insertHolds(transaction: Transaction, holds: readonly Hold[]): Promise<void> {
  await transaction.query({
    name: 'holds-insert',
    text: `
      insert into holds (user_id, purpose, subject_id, account_id, amount_minor, currency, expires_at)
      select *
      from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[])`,
    values: [...columnsOf(holds), holds.map(({ expiresAt }) => expiresAt)],
  });
}

/** Each hold is found by its key, whether the table is empty or full: see holds.test.ts. */
export const DELETE_HOLDS = `
      delete from holds as hold
      using unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
        as resolved (user_id, purpose, subject_id, account_id, amount_minor, currency)
      where hold.user_id = resolved.user_id
        and hold.purpose = resolved.purpose
        and hold.subject_id = resolved.subject_id
        and hold.account_id = resolved.account_id
        and hold.amount_minor = resolved.amount_minor
        and hold.currency = resolved.currency
      returning hold.user_id as "userId", hold.purpose, hold.subject_id as "subjectId"`;

/**
 * Removes the rows of holds, in the order of their keys, if they have the given wallet and amount, and returns the keys of the removed
 * ones.
 */
export async function deleteHolds(
  transaction: Transaction,
  holds: readonly Omit<Hold, 'expiresAt'>[],
): Promise<HoldKey[]> {
  const sorted = holds.toSorted((a, b) => compare(a.userId, b.userId) || compare(a.subjectId, b.subjectId));
  const { rows } = await transaction.query<HoldKey>({
    name: 'holds-delete',
    text: DELETE_HOLDS,
    values: columnsOf(sorted),
  });
  return rows;
}

function columnsOf(holds: readonly Omit<Hold, 'expiresAt'>[]): unknown[][] {
  return [
    holds.map(({ userId }) => userId),
    holds.map(({ purpose }) => purpose),
    holds.map(({ subjectId }) => subjectId),
    holds.map(({ accountId }) => accountId),
    holds.map(({ amountMinor }) => amountMinor),
    holds.map(({ currency }) => currency),
  ];
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
