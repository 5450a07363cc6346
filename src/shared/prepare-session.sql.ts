import type pg from 'pg';

/**
 * Makes the commits of this session wait for the disk where the default is that they do not: a crash would lose payments that clients were
 * told of. A default that asks for more than `on`, or leaves only the standby out, is an operator's choice and stays.
 */
export async function keepCommits(session: pg.ClientBase): Promise<void> {
  await session.query(
    `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`,
  );
}

/** Lets the server end transactions of this session that last too long. PostgreSQL can do so from version 17 on. */
export async function limitTransactions(session: pg.ClientBase, timeoutMs: number): Promise<void> {
  await session.query(
    `select set_config('transaction_timeout', $1, false)
     where current_setting('server_version_num')::int >= 170000`,
    [String(timeoutMs)],
  );
}
