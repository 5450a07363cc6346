import type { Transaction } from '../../src/database/database.ts';

interface IndexDefinition {
  readonly drop: string;
  readonly create: string;
}

/**
 * Runs `work` while these tables have no indexes, and builds the same ones anew after it, as their definitions stand in the
 * catalogue: a million rows that are sorted once take seconds, and a million insertions into random places take minutes.
 */
export async function withoutIndexes(
  transaction: Transaction,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const definitions = await readIndexDefinitions(transaction, tables);
  for (const { drop } of definitions) await transaction.query(drop);
  await work();
  await transaction.query(`set local maintenance_work_mem = '256MB'`);
  for (const { create } of definitions) await transaction.query(create);
}

async function readIndexDefinitions(
  transaction: Transaction,
  tables: readonly string[],
): Promise<IndexDefinition[]> {
  const { rows } = await transaction.query<IndexDefinition>(
    `select case
              when con.oid is null then format('drop index %I', class.relname)
              else format('alter table %I drop constraint %I', owner.relname, con.conname)
            end as drop,
            case
              when con.oid is null then pg_get_indexdef(class.oid)
              else format('alter table %I add constraint %I %s', owner.relname, con.conname, pg_get_constraintdef(con.oid))
            end as create
     from pg_index as indexed
     join pg_class as class on class.oid = indexed.indexrelid
     join pg_class as owner on owner.oid = indexed.indrelid
     left join pg_constraint as con on con.conindid = class.oid and con.conrelid = owner.oid
     where owner.oid = any ($1::regclass[])
     order by class.relname`,
    [tables],
  );
  return rows;
}
