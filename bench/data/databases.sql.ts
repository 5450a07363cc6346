import pg from 'pg';

/** Runs `work` on a connection of its own. */
export async function withClient<Result>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'tollgate-bench' });
  client.on('error', () => {});
  await client.connect();
  // A profile is to show what is measured, not what is prepared. Refused to those who are no superuser, which does no harm.
  await client.query(`set pg_stat_statements.track = 'none'`).catch(() => {});
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Creates a database, empty or as a copy of `template`. */
export async function createDatabaseFrom(
  adminUrl: string,
  { name, template }: { readonly name: string; readonly template: string | undefined },
): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const source = template === undefined ? '' : ` template ${client.escapeIdentifier(template)}`;
    await client.query(`create database ${client.escapeIdentifier(name)}${source}`);
  });
}

export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  );
}

/** The version of the server and the settings that matter to a rate. */
export async function readServerFacts(
  adminUrl: string,
  names: readonly string[],
): Promise<{ readonly version: string; readonly settings: Record<string, string> }> {
  return await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; value: string }>(
      `select name, current_setting(name) as value from pg_settings where name = any ($1) order by name`,
      [['server_version', 'fsync', 'synchronous_commit', ...names]],
    );
    const { server_version: version = 'unknown', ...settings } = Object.fromEntries(
      rows.map((row) => [row.name, row.value]),
    );
    return { version, settings };
  });
}

/** Brings statistics and visibility up to date, so that each measurement begins in the same state. */
export async function tidyUp(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) => client.query('vacuum (analyze)'));
}

/** Runs `work` in a transaction of the client. */
export async function inClientTransaction<Result>(
  client: pg.Client,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

export interface PaymentCounts {
  readonly total: number;
  readonly open: number;
  readonly settled: number;
  /** When it was so, by the clock of the server. */
  readonly atMs: number;
}

/** How many payments there are in each status. */
export async function countPayments(databaseUrl: string): Promise<PaymentCounts> {
  return await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query(`
      select count(*)::int as total,
             count(*) filter (where status = 'new')::int as open,
             count(*) filter (where status = 'success')::int as settled,
             extract(epoch from statement_timestamp())::float8 * 1000 as "atMs"
      from payments`);
    return rows[0];
  });
}
