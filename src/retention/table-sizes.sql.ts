import type { Pool } from '../database/database.ts';

/** The size of a table including its indexes, in bytes. */
export interface TableSize {
  readonly table: string;
  readonly bytes: bigint;
}

/** The sizes of tables, largest first. */
export async function selectTableSizes(pool: Pool, tables: readonly string[]): Promise<TableSize[]> {
  const { rows } = await pool.query<TableSize>(
    `select relname as table, pg_total_relation_size(oid) as bytes
     from pg_class
     where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname = any ($1::text[])
     order by bytes desc, relname`,
    [tables],
  );
  return rows;
}
