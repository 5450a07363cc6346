import type pg from 'pg';

/** Lets the server end transactions of this session that last too long. PostgreSQL can do so from version 17 on. */
export async function limitTransactions(client: pg.ClientBase, timeoutMs: number): Promise<void> {
  await client.query(
    `select set_config('transaction_timeout', $1, false)
     where current_setting('server_version_num')::int >= 170000`,
    [String(timeoutMs)],
  );
}
