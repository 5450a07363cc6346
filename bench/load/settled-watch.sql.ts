import pg from 'pg';

/** A connection of its own that looks which payments are settled. */
export interface SettledWatch {
  /** Those of the payments that are settled and committed. */
  settledOf(paymentIds: readonly number[]): Promise<number[]>;
  close(): Promise<void>;
}

export async function openSettledWatch(databaseUrl: string): Promise<SettledWatch> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bench-watch' });
  // A connection that breaks fails the query that uses it.
  client.on('error', () => {});
  await client.connect();
  return {
    async settledOf(paymentIds) {
      const { rows } = await client.query<{ id: string }>({
        name: 'bench-settled-of',
        text: `select id from payments where id = any ($1::bigint[]) and status = 'success'`,
        values: [paymentIds],
      });
      return rows.map((row) => Number(row.id));
    },
    async close() {
      await client.end();
    },
  };
}
