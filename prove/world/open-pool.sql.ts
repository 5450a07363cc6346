import pg from 'pg';
import type { Pool } from '../../src/database/database.ts';

const INT8_OID = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID && format !== 'binary'
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** Sessions for looking, which are none of the product's: what is made read-only for its sessions is not for these. */
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
