import type { Pool } from '../database/database.ts';

/** The size of a table including its indexes, in bytes. */
export interface TableSize {
  readonly table: string;
  readonly bytes: bigint;
}

/** The sizes of tables, with those of their parts, largest first. */
export async function selectTableSizes(pool: Pool, tables: readonly string[]): Promise<TableSize[]> {
  const { rows } = await pool.query<TableSize>(
    `select relname as table,
            -- A table without parts is no tree.
            coalesce((select sum(pg_total_relation_size(relid)) from pg_partition_tree(oid)), pg_total_relation_size(oid))::bigint as bytes
     from pg_class
     where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace and relname = any ($1::text[])
     order by bytes desc, relname`,
    [tables],
  );
  return rows;
}
