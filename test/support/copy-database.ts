import pg from 'pg';

/**
 * Copies every row of one database into another that has the same schema and nothing in it, as a dump that is loaded does: rows as
 * they are (transaction ids that were written into them, too), triggers aside, sequences set.
 */
export async function copyDatabase(fromUrl: string, toUrl: string): Promise<void> {
  const from = new pg.Client({ connectionString: fromUrl });
  const to = new pg.Client({ connectionString: toUrl });
  await Promise.all([from.connect(), to.connect()]);
  try {
    await to.query('set session_replication_role = replica');
    const { rows: tables } = await from.query(
      `select quote_ident(relname) as name from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace and relpersistence = 'p'
         and relname not like 'schema_migrations%'`,
    );
    await to.query(`truncate ${tables.map(({ name }) => name).join(', ')}`);
    for (const { name } of tables) {
      const { rows } = await from.query(`select coalesce(json_agg(t)::text, '[]') as all from ${name} as t`);
      await to.query(`insert into ${name} select * from json_populate_recordset(null::${name}, $1::json)`, [
        rows[0].all,
      ]);
    }
    const { rows: sequences } = await from.query(
      `select quote_ident(sequencename) as name, last_value from pg_sequences
       where schemaname = 'public' and last_value is not null`,
    );
    for (const { name, last_value } of sequences)
      await to.query('select setval($1::regclass, $2)', [name, last_value]);
  } finally {
    await Promise.all([from.end(), to.end()]);
  }
}

/** Makes the server hand out and end so many transaction ids. */
export async function burnTransactionIds(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `do $$ begin for i in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`,
    );
  } finally {
    await client.end();
  }
}
