import pg from 'pg';
import type { Pool } from '../../src/database/database.ts';

const INT8_OID = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID && format !== 'binary'
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** The prover's own sessions: they can write while those of the product are read-only. */
export function openPool(databaseUrl: string): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'prove-watch',
    options: '-c default_transaction_read_only=off',
    max: 3,
    statement_timeout: 20_000,
    connectionTimeoutMillis: 3000,
    types,
  });
  // The server goes away now and then.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
