import pg from 'pg';

/** A session that looks at the database as it was when it began, and so keeps every row version since then from being removed. */
export async function holdSnapshot(databaseUrl: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bench-snapshot' });
  client.on('error', () => {});
  await client.connect();
  await client.query('begin isolation level repeatable read, read only');
  // The snapshot is taken by the first statement, not by begin.
  await client.query('select count(*) from users');
  return {
    async release() {
      await client.query('commit').finally(() => client.end());
    },
  };
}
