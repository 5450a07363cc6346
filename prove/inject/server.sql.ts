import pg from 'pg';

/** Runs statements on a session of its own, in the database that no setting of ours is made for. */
export async function onServer<Result>(
  databaseUrl: string,
  work: (session: pg.Client) => Promise<Result>,
): Promise<Result> {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  const session = new pg.Client({
    connectionString: url.toString(),
    application_name: 'prove-server',
    connectionTimeoutMillis: 3000,
  });
  // A server that is killed under it is told by the statement.
  session.on('error', () => {});
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end().catch(() => {});
  }
}

/** Every session that begins from now on is read-only (or no longer), and stays so for as long as it lives. */
export async function setReadOnlyDefault(session: pg.Client, isReadOnly: boolean): Promise<void> {
  await session.query(
    isReadOnly
      ? 'alter database tollgate set default_transaction_read_only = on'
      : 'alter database tollgate reset default_transaction_read_only',
  );
}

/** Ends all sessions of the processes under test; they come back at once. Returns how many there were. */
export async function endAllSessions(session: pg.Client): Promise<number> {
  const { rowCount } = await session.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tollgate-%'`,
  );
  return rowCount ?? 0;
}

/** Makes COMMITs wait for the standby of this name, or for none when it is null. */
export async function requireStandby(session: pg.Client, name: string | null): Promise<void> {
  await session.query(
    name === null
      ? 'alter system reset synchronous_standby_names'
      : `alter system set synchronous_standby_names = ${session.escapeLiteral(name)}`,
  );
  await session.query('select pg_reload_conf()');
}

/** How the server's one standby follows: `async`, `sync`, or undefined while it does not. */
export async function readSyncState(session: pg.Client): Promise<string | undefined> {
  const { rows } = await session.query(
    `select sync_state from pg_stat_replication where state = 'streaming'`,
  );
  return rows[0]?.sync_state;
}

/** Cancels the COMMITs that wait for the standby: the server then says COMMIT, with a warning. Returns how many there were. */
export async function cancelWaitingCommits(session: pg.Client): Promise<number> {
  const { rowCount } = await session.query(
    `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep' and application_name like 'tollgate-%'`,
  );
  return rowCount ?? 0;
}

/** The processes of the server, apart from its first one. */
export async function readServerPids(session: pg.Client): Promise<number[]> {
  const { rows } = await session.query('select pid from pg_stat_activity');
  return rows.map(({ pid }) => pid);
}

/** Begins a copy of the data folder while the server runs. The session must live until `endCopy`. */
export async function beginCopy(session: pg.Client): Promise<void> {
  await session.query(`select pg_backup_start('standby', true)`);
}

/** Ends the copying; gives the label without which the copy is not one. */
export async function endCopy(session: pg.Client): Promise<string> {
  const { rows } = await session.query('select labelfile from pg_backup_stop(false)');
  return rows[0].labelfile;
}

/** Makes a standby the server that writes; resolves when it is. */
export async function promote(session: pg.Client): Promise<void> {
  await session.query('select pg_promote(true, 30)');
}
