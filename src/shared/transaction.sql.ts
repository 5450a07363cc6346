import type pg from 'pg';
import type { Pool, Transaction } from './database.ts';

/** Begins a transaction and gives its id, in one round trip. */
export async function beginTransaction(client: Transaction): Promise<bigint> {
  const results = (await client.query(
    'begin; select pg_current_xact_id()::text::bigint as id',
  )) as unknown as pg.QueryResult<{ id: bigint }>[];
  return results[1]?.rows[0]?.id as bigint;
}

/** What became of a transaction of the recent past, which every COMMIT we ask about is. */
export async function readTransactionStatus(
  pool: Pool,
  transactionId: bigint,
): Promise<'committed' | 'aborted' | 'in progress'> {
  const { rows } = await pool.query('select pg_xact_status($1::text::xid8) as status', [
    transactionId.toString(),
  ]);
  return rows[0].status;
}

/**
 * Ends the session of a transaction that waits for its client's next word, so that it commits or aborts now and not when
 * the server finds out that the client is gone. A session that is at work on its COMMIT (or waits for a replica to have it)
 * is left alone.
 */
export async function abandonTransaction(pool: Pool, transactionId: bigint): Promise<void> {
  await pool.query(
    `select pg_terminate_backend(pid)
     from pg_stat_activity
     where backend_xid = $1::text::xid8::xid and state like 'idle in transaction%'`,
    [transactionId.toString()],
  );
}
