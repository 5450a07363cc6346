import type pg from 'pg';

/**
 * Sets the startup settings again, in case they were not applied: a pooler ignores those that it does not know, and reuses a session as its
 * previous user left it.
 *
 * Also makes commits wait for the disk if the default is that they do not: otherwise a crash would lose payments that clients were told of.
 * A default that is stricter than `on`, or that only skips the standby, is an operator's choice and stays.
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

/** Lets the server end this session's transactions that last too long. PostgreSQL supports this from version 17. */
export async function limitTransactions(session: pg.ClientBase, timeoutMs: number): Promise<void> {
  await session.query(
    `select set_config('transaction_timeout', $1, false)
     where current_setting('server_version_num')::int >= 170000`,
    [String(timeoutMs)],
  );
}
