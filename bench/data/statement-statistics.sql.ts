import { withClient } from './databases.sql.ts';

/** What one statement cost in all its calls, inside the database. */
export interface StatementCost {
  readonly callCount: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly rowCount: number;
  readonly text: string;
}

const SHOWN_COUNT = 15;
const SHOWN_LENGTH = 110;

/** @throws when the server was not started with pg_stat_statements. */
export async function startStatementStatistics(adminUrl: string): Promise<void> {
  await withClient(adminUrl, (client) => client.query('create extension if not exists pg_stat_statements'));
}

export async function readCostliestStatements(
  adminUrl: string,
  database: string,
): Promise<readonly StatementCost[]> {
  return await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<StatementCost>(
      `select stats.calls::float8 as "callCount", stats.total_exec_time as "totalMs", stats.mean_exec_time as "meanMs",
              stats.rows::float8 as "rowCount", left(regexp_replace(trim(stats.query), '\\s+', ' ', 'g'), $2) as text
       from pg_stat_statements as stats
       join pg_database as database on database.oid = stats.dbid
       where database.datname = $1
       order by stats.total_exec_time desc
       limit $3`,
      [database, SHOWN_LENGTH, SHOWN_COUNT],
    );
    return rows;
  });
}
