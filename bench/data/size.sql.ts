import { withClient } from './databases.sql.ts';

/** What a database takes up, and how far the server's log is. */
export interface Footprint {
  /** Bytes of each table with its indexes and what it keeps out of line. */
  readonly tableBytes: ReadonlyMap<string, number>;
  /** Bytes that the server had written to its write-ahead log. */
  readonly walBytes: number;
}

/** Reads how large each table is. The log is that of the whole server, so nobody else may be at work on it. */
export async function readFootprint(databaseUrl: string): Promise<Footprint> {
  return await withClient(databaseUrl, async (client) => {
    const { rows: tables } = await client.query<{ name: string; bytes: number }>(`
      select relname as name, pg_total_relation_size(oid)::float8 as bytes
      from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r'`);
    const { rows: log } = await client.query<{ bytes: number }>(
      `select (pg_current_wal_insert_lsn() - '0/0')::float8 as bytes`,
    );
    return {
      tableBytes: new Map(tables.map(({ name, bytes }) => [name, bytes])),
      walBytes: log[0]?.bytes ?? 0,
    };
  });
}
