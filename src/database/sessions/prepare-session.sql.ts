import type pg from 'pg';

/**
 * Sets what the session was to begin with, whether it did or not: a pooler passes over what it does not know, and hands a session on as the
 * one before has left it.
 *
 * And makes its commits wait for the disk where the default is that they do not: a crash would lose payments that clients were
 * told of. A default that asks for more than `on`, or leaves only the standby out, is an operator's choice and stays.
 */
export async function applySettings(
  session: pg.ClientBase,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await session.query(
    `select set_config(name, value, false)
     from unnest($1::text[], $2::text[]) as asked (name, value)
     where current_setting(name) is distinct from value
     union all
     select set_config('synchronous_commit', 'on', false)
     where current_setting('synchronous_commit') = 'off'`,
    [Object.keys(settings), Object.values(settings)],
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
