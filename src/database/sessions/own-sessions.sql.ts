import pg from 'pg';
import { withSessionOptions } from './session-options.ts';

const LIMIT_MS = 5000;

/** A plain session: it sets nothing that a pooler might refuse, and does not look like a process that may write. */
export async function withPlainSession<Result>(
  databaseUrl: string,
  work: (session: pg.ClientBase) => Promise<Result>,
): Promise<Result> {
  return await withSession({ connectionString: databaseUrl }, work);
}

/** One for a look at tables, which takes its time whatever the database's own limits are. */
export async function withPatientSession<Result>(
  databaseUrl: string,
  work: (session: pg.ClientBase) => Promise<Result>,
): Promise<Result> {
  const limit = String(LIMIT_MS);
  return await withSession(
    withSessionOptions(databaseUrl, { statement_timeout: limit, lock_timeout: limit }),
    work,
  );
}

async function withSession<Result>(
  connection: pg.ClientConfig,
  work: (session: pg.ClientBase) => Promise<Result>,
): Promise<Result> {
  const session = new pg.Client({
    ...connection,
    application_name: 'look-at-sessions',
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  session.on('error', () => {});
  try {
    await session.connect();
    return await work(session);
  } finally {
    await session.end().catch(() => {});
  }
}

/** The pid of the server process behind this session. */
export async function readServerProcess(session: pg.ClientBase): Promise<number> {
  const { rows } = await session.query('select pg_backend_pid() as pid');
  return rows[0].pid;
}

/**
 * The same in a transaction that stays open, so that a pooler cannot give the process to anybody else.
 * @returns undefined if a pooler in statement mode accepts no transactions at all.
 */
export async function occupyServerProcess(session: pg.ClientBase): Promise<number | undefined> {
  try {
    await session.query('begin');
  } catch (error) {
    if (error instanceof pg.DatabaseError && /statement pooling/.test(error.message)) return undefined;
    throw error;
  }
  return await readServerProcess(session);
}
