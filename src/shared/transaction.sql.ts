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
