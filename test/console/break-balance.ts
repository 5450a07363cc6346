import type { ConsoleStack } from './console-stack.ts';

/**
 * Breaks the balance of a wallet of its own and records the violation, as the check finds it. The worker's check, which runs every
 * minute, then finds it standing; one of an account that is not there it would close as whole.
 * @returns the id of the violation, whose detail is "stored 5 posted, entries say 0".
 */
export async function breakBalance({ api, database }: ConsoleStack): Promise<string> {
  const userId = await api.user(0);
  const { rows } = await database.pool.query<{ id: bigint }>(
    `with broken as (update accounts set posted = posted + 5 where user_id = $1 returning id)
     insert into integrity_violations (rule, subject, fingerprint, detail)
     select 'balance_equals_entries', 'account:' || id, '5', 'stored 5 posted, entries say 0' from broken
     returning id`,
    [userId],
  );
  return String(rows[0]?.id);
}
