import pg from 'pg';
import { withSessionOptions } from './session-options.ts';

const LIMIT_MS = 5000;

/** A session of the plainest kind: it asks for nothing that a pooler might refuse, and is not taken for a process that may write. */
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

/** Which of the server's processes carries out what this session asks. */
export async function readServerProcess(session: pg.ClientBase): Promise<number> {
  const { rows } = await session.query('select pg_backend_pid() as pid');
  return rows[0].pid;
}

/**
 * The same in a transaction that stays open, so that nobody else is given that process meanwhile.
 * @returns undefined where a pooler that works by statement takes no transactions at all.
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
