import pg from 'pg';

/** Another session that has rows, or a table, and does not let go: an operator at work, a migration, a transaction that hangs. */
export async function holdRows(databaseUrl: string, statement: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  await client.query('begin');
  await client.query(statement, values);
  return {
    async letGo(): Promise<void> {
      await client.query('rollback');
      await client.end();
    },
  };
}
