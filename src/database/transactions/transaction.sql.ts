import type pg from 'pg';
import type { Queryable, Transaction } from '../database.ts';

/**
 * Begins a transaction and gives its id, in one round trip. Its isolation is named: a database's own default may be another.
 * READ WRITE is not: `default_transaction_read_only` is how a server is fenced off for a switchover, and must hold for us.
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
 * Commits, in one round trip. The statement's time limit ends before
 * COMMIT begins: it would end the wait for a synchronous standby, and let everybody see what may still be lost.
 * @throws in_failed_sql_transaction where a statement failed before and nobody minded; a COMMIT alone would be answered with
 *   ROLLBACK, which is no error to the server.
 */
export async function commitTransaction(client: Transaction): Promise<void> {
  await client.query('set local statement_timeout = 0; commit');
}

/**
 * Writes next to nothing, and commits it unless a transaction is open. A commit that is acknowledged says that all that this server wrote before it has
 * reached the synchronous standby, too. The message goes to the write-ahead log alone, and no subscriber asks for its prefix.
 */
export async function commitAlmostNothing(queryable: Queryable): Promise<void> {
  await queryable.query(
    `select pg_logical_emit_message(true, 'tollgate', 'has the standby what was written before?')`,
  );
}

/** What became of a transaction of the recent past, which every COMMIT we ask about is. */
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
 * Ends the session of a transaction that waits for its client's next word, so that it commits or aborts now and not when
 * the server finds out that the client is gone. A session that is at work on its COMMIT (or waits for a replica to have it)
 * is left alone.
 */
export async function abandonTransaction(queryable: Queryable, transactionId: bigint): Promise<void> {
  await queryable.query(
    `select pg_terminate_backend(pid)
     from pg_stat_activity
     where backend_xid = $1::text::xid8::xid and state like 'idle in transaction%'`,
    [transactionId.toString()],
  );
}
