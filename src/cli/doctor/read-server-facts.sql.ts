import pg from 'pg';
import type { Pool } from '../../database/database.ts';

/** What the server reports about itself, for the doctor. */
export interface ServerFacts {
  readonly versionNumber: number;
  readonly version: string;
  readonly now: Date;
  readonly isInRecovery: boolean;
  readonly settings: Readonly<Record<string, string>>;
  readonly connectionCount: number;
  readonly connectionsByApplication: readonly { readonly application: string; readonly count: number }[];
  /** Tables whose storage parameters turn autovacuum off. */
  readonly tablesWithoutAutovacuum: readonly string[];
}

const SETTINGS = [
  'autovacuum',
  'track_counts',
  'fsync',
  'full_page_writes',
  'synchronous_commit',
  'synchronous_standby_names',
  'max_connections',
  'superuser_reserved_connections',
  // The value in our own sessions, which ask for it.
  'default_transaction_isolation',
  'transaction_read_only',
];

export async function selectServerFacts(pool: Pool): Promise<ServerFacts> {
  const { rows } = await pool.query<ServerFacts>(
    `select current_setting('server_version_num')::int as "versionNumber",
            current_setting('server_version') as version,
            clock_timestamp() as now,
            pg_is_in_recovery() as "isInRecovery",
            (select json_object_agg(name, setting) from pg_settings where name = any($1)) as settings,
            (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as "connectionCount",
            coalesce((
              select json_agg(json_build_object('application', application_name, 'count', count) order by application_name)
              from (
                select application_name, count(*) as count
                from pg_stat_activity
                where datname = current_database() and backend_type = 'client backend'
                group by application_name
              ) as application
            ), '[]') as "connectionsByApplication",
            coalesce((
              select json_agg(oid::regclass::text order by relname)
              from pg_class
              where relkind = 'r' and relnamespace = current_schema()::regnamespace
                and reloptions::text ~* 'autovacuum_enabled=(false|off|no|0)'
            ), '[]') as "tablesWithoutAutovacuum"`,
    [SETTINGS],
  );
  return rows[0] as ServerFacts;
}

/** What a session gets by default, from the settings of the server, the database or the role. */
export interface SessionDefaults {
  readonly isolation: string;
  readonly synchronousCommit: string;
}

export async function readSessionDefaults(databaseUrl: string): Promise<SessionDefaults> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(
      `select current_setting('default_transaction_isolation') as isolation,
              current_setting('synchronous_commit') as "synchronousCommit"`,
    );
    return rows[0];
  } finally {
    await client.end();
  }
}
