import type { Pool } from '../../src/database/database.ts';

export type LockedRow = 'wallet' | 'payment' | 'task';

/** Rows that processes of the product write, and how one of them is chosen by a share from 0 to 1. */
const LOCKS: Record<LockedRow, string> = {
  wallet: `
    select user_id as "userId" from accounts
    where id = (select id from accounts where user_id is not null order by id
                offset floor($1::float8 * (select count(*) from accounts where user_id is not null)) limit 1)
    for update`,
  payment: `
    select user_id as "userId" from payments
    where id = (select payment_id from payment_tasks order by payment_id
                offset floor($1::float8 * (select count(*) from payment_tasks)) limit 1)
    for update`,
  task: `
    select user_id as "userId" from payment_tasks
    where payment_id = (select payment_id from payment_tasks order by payment_id
                        offset floor($1::float8 * (select count(*) from payment_tasks)) limit 1)
    for update`,
};

/**
 * Locks a row in a session of its own, and sits on it while `meanwhile` runs.
 * @returns whose row it was; undefined when there was none to lock, and `meanwhile` did not run.
 */
export async function holdRow(
  pool: Pool,
  { row, draw }: { readonly row: LockedRow; readonly draw: number },
  meanwhile: (userId: bigint) => Promise<void>,
): Promise<bigint | undefined> {
  const session = await pool.connect();
  try {
    await session.query('begin');
    const { rows } = await session.query<{ userId: bigint }>(LOCKS[row], [draw]);
    const userId = rows[0]?.userId;
    if (userId !== undefined) await meanwhile(userId);
    await session.query('rollback');
    return userId;
  } finally {
    // Whatever became of it, the next one begins with a session of its own.
    session.release(true);
  }
}
