import type { ClientBase } from 'pg';

/** Whatever runs one query. No pool is needed for it, nor a pool's settings. */
export type Session = Pick<ClientBase, 'query'>;

/** What a database says of the migrations that it has had. */
export interface RanMigrations {
  /** In the order in which they ran. */
  readonly names: readonly string[];
  /** Of the model that its tables were made with; undefined where a dump left comments out. */
  readonly fingerprint: string | undefined;
}

/** undefined when the database has had none; `another_program` when it keeps those of one that is not ours. */
export async function selectRanMigrations(
  queryable: Session,
): Promise<RanMigrations | 'another_program' | undefined> {
  // Ask this first: PostgreSQL resolves a statement's tables before it runs any of it.
  const { rows: tables } = await queryable.query<{ isThere: boolean; isOurs: boolean }>(
    `select to_regclass('schema_migrations') is not null as "isThere",
            exists (
              select 1 from pg_attribute
              where attrelid = to_regclass('schema_migrations') and attname = 'name' and not attisdropped
            ) as "isOurs"`,
  );
  if (!tables[0]?.isThere) return undefined;
  if (!tables[0].isOurs) return 'another_program';
  const { rows } = await queryable.query<{ names: string[] | null; comment: string | null }>(
    `select (select array_agg(name::text order by id) from schema_migrations) as names,
            obj_description(to_regclass('schema_migrations'), 'pg_class') as comment`,
  );
  const { names, comment } = rows[0] ?? { names: null, comment: null };
  return { names: names ?? [], fingerprint: /^model (\w+)$/.exec(comment ?? '')?.[1] };
}
