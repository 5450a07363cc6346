import type { TestDatabase } from '../support/test-database.ts';
import type { PaymentWorld } from './payment-world.ts';

/** Lets deposits of a user fail, all at once, and gives the ids of their letters, oldest first. */
export async function makeDeadLetters(
  { pool }: Pick<TestDatabase, 'pool'>,
  world: PaymentWorld,
  {
    count,
    reason = 'refused',
    userId,
    amountMinor = 5000n,
  }: {
    readonly count: number;
    readonly reason?: string;
    readonly userId?: bigint;
    readonly amountMinor?: bigint;
  },
): Promise<bigint[]> {
  const owner = userId ?? (await world.user());
  const paymentIds = await Promise.all(
    Array.from({ length: count }, () => world.accept(owner, { type: 'deposit', amountMinor })),
  );
  await pool.query('delete from payment_tasks where payment_id = any ($1)', [paymentIds]);
  await pool.query(`update payments set status = 'failed', attempts = 1 where id = any ($1)`, [paymentIds]);
  const { rows } = await pool.query<{ id: bigint }>(
    `insert into payment_dlq (payment_id, user_id, reason, attempts)
     select id, user_id, $2, 1 from payments where id = any ($1) order by id
     returning id`,
    [paymentIds, reason],
  );
  return rows.map(({ id }) => id);
}
