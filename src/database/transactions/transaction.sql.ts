import type pg from 'pg';
import type { Queryable, Transaction } from '../database.ts';

/**
 * Begins a transaction and returns its id, in one round trip. It sets the isolation level, because a database may have a different default.
 * It does not set READ WRITE: `default_transaction_read_only` fences a server off for a switchover, and must apply to us.
 */
export async function beginTransaction(
  client: Transaction,
  { lockWaitMs }: { readonly lockWaitMs?: number | undefined } = {},
): Promise<bigint> {
  const lockLimit = lockWaitMs === undefined ? '' : `set local lock_timeout = ${Math.ceil(lockWaitMs)};`;
  const results = (await client.query(
    `begin isolation level read committed; ${lockLimit} select pg_current_xact_id()::text::bigint as id`,
  )) as unknown as pg.QueryResult<{ id: bigint }>[];
  return results.at(-1)?.rows[0]?.id as bigint;
}

/**
 * Commits, in one round trip. The statement timeout is removed before COMMIT: it could end the wait for a synchronous standby, and make
 * visible what may still be lost.
 * @throws in_failed_sql_transaction if an earlier statement failed unnoticed; a plain COMMIT would then silently roll back, which the
 * server does not report as an error.
 */
export async function commitTransaction(client: Transaction): Promise<void> {
  await client.query('set local statement_timeout = 0; commit');
}

/**
 * Writes almost nothing, and commits it unless a transaction is open. If the commit is acknowledged, everything that this server wrote
 * before it has reached the synchronous standby, too. The message goes only to the write-ahead log, and no subscriber asks for its prefix.
 */
export async function commitAlmostNothing(queryable: Queryable): Promise<void> {
  await queryable.query(
    `select pg_logical_emit_message(true, 'tollgate', 'has the standby what was written before?')`,
  );
}

/** The status of a recent transaction, as every COMMIT that we ask about is. */
export async function readTransactionStatus(
  queryable: Queryable,
  transactionId: bigint,
): Promise<'committed' | 'aborted' | 'in progress'> {
  const { rows } = await queryable.query('select pg_xact_status($1::text::xid8) as status', [
    transactionId.toString(),
  ]);
  return rows[0].status;
}

/**
 * Ends the session of a transaction that is waiting for its client, so that the transaction ends now and not when the server notices that
 * the client is gone. A session that is executing its COMMIT, or waiting for a replica, is left alone.
 */
export async function abandonTransaction(queryable: Queryable, transactionId: bigint): Promise<void> {
  await queryable.query(
    `select pg_terminate_backend(pid)
     from pg_stat_activity
     where backend_xid = $1::text::xid8::xid and state like 'idle in transaction%'`,
    [transactionId.toString()],
  );
}
