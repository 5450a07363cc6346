import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import type { Config } from '../process/settings/config.ts';
import { DatabaseClient } from './sessions/database-client.ts';
import { applySettings, limitTransactions } from './sessions/prepare-session.sql.ts';
import {
  guardPool,
  type SessionGuard,
  SuspectSession,
  sessionGuardOf,
  spoilWhenSilent,
  suspectSessionsOf,
} from './sessions/session-guard.ts';
import { withSessionOptions } from './sessions/session-options.ts';
import { SESSION_SETTINGS } from './sessions/session-settings.ts';
import { WrongDatabase } from './sessions/wrong-database.ts';
import { selectIsReadOnly } from './transactions/read-only.sql.ts';

export type { Knex };
export type Pool = pg.Pool;
/** Anything that runs one query: the pool itself, or a client inside a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;
export type Transaction = pg.ClientBase;

/** PostgreSQL's int8. Ids and money both arrive as `bigint`, never as a float. */
const INT8_OID = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID && format !== 'binary'
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** Our transactions are a handful of short statements; one that lasts as long as this many slow ones is hanging. */
const STATEMENTS_PER_TRANSACTION = 3;

type DatabaseSettings = Pick<Config, 'service' | 'database'>;

export interface SessionOptions {
  /**
   * Checks each new session, before it is used, for whether its database is the right one.
   * @throws WrongDatabase if it is not; then the other sessions are not used again either.
   */
  readonly admit?: ((session: Queryable) => Promise<void>) | undefined;
}

/** Options of every connection of this process, whichever client library opens it. */
export function connectionOptions(
  databaseUrl: string,
  config: DatabaseSettings,
  applicationName: string,
  settings: Readonly<Record<string, string>> = {},
) {
  return {
    ...withSessionOptions(databaseUrl, { ...SESSION_SETTINGS, ...settings }),
    ...timeLimits(config),
    application_name: `${config.service.name}-${applicationName}`,
    // For networks that swallow answers. If the server is reachable, its own limit ends the statement first.
    query_timeout: config.database.statementTimeoutMs + 2000,
    connectionTimeoutMillis: config.database.connectTimeoutMs,
    keepAlive: true,
    types,
  };
}

/** The limits that the server enforces for each session. */
function timeLimits({ database }: DatabaseSettings) {
  return {
    statement_timeout: database.statementTimeoutMs,
    lock_timeout: database.lockTimeoutMs,
    // Our transactions never wait for anything but Postgres, so an idle one belongs to a hanging process.
    idle_in_transaction_session_timeout: database.statementTimeoutMs,
  };
}

/** All startup settings of a session; they are set once more after it is opened. */
function allSettings(config: DatabaseSettings, settings: Readonly<Record<string, string>>) {
  const limits = Object.entries(timeLimits(config)).map(([name, limitMs]) => [name, String(limitMs)]);
  return { ...SESSION_SETTINGS, ...Object.fromEntries(limits), ...settings } as Record<string, string>;
}

/**
 * Statements of the hot path must find their rows by key, whatever the statistics say. The queue is empty one minute and holds a hundred
 * thousand tasks the next, and a planner that trusts the last ANALYZE would then read whole tables for each batch. So plans never use
 * sequential scans, hashes or merges, and are made once, without looking at parameters, unless DATABASE_PLAN_CACHE_MODE says otherwise.
 */
const KEY_LOOKUP_PLANS = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  // With the default of 4, a claim that expects few ready tasks collects and sorts all of them, 50,000 for each batch.
  random_page_cost: '1.1',
};

/** A page is a few rows at one end of an index; a plan that reads and sorts everything is never much better. */
const INDEX_WALKS = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  random_page_cost: '1.1',
};

/** The pool of the hot path (accept, claim, settle): plain pg with named prepared statements. */
export function createPool(
  databaseUrl: string,
  config: DatabaseSettings,
  applicationName: string,
  onError: (error: Error) => void,
  { admit }: SessionOptions = {},
): Pool {
  const transactionTimeoutMs = config.database.statementTimeoutMs * STATEMENTS_PER_TRANSACTION;
  const guard = sessionGuardOf(databaseUrl);
  const settings = { ...KEY_LOOKUP_PLANS, plan_cache_mode: config.database.planCacheMode };
  const pool = new pg.Pool({
    ...connectionOptions(databaseUrl, config, applicationName, settings),
    // Statements that do not wait for each other's results share a round trip.
    pipeline: true,
    Client: DatabaseClient,
    max: config.database.poolSize,
    idleTimeoutMillis: 60_000,
    async onConnect(client) {
      await Promise.all([
        applySettings(client, allSettings(config, settings)),
        limitTransactions(client, transactionTimeoutMs),
        admitSession(client, { admit, guard }),
      ]);
    },
  });
  // Without these listeners, a broken connection, idle or in use, would end the process.
  pool.on('error', onError);
  pool.on('connect', (client) =>
    client.on('error', (error) => {
      // The pool reports the error, too.
      if (!(error instanceof SuspectSession)) onError(error);
    }),
  );
  guardPool(pool, guard);
  return pool;
}

/** The small pool of migrations, read queries and operator queries. */
export function createKnex(
  databaseUrl: string,
  config: DatabaseSettings,
  applicationName: string,
  options: SessionOptions = {},
): Knex {
  const maxConnections = Math.max(2, Math.ceil(config.database.poolSize / 2));
  return openKnex(databaseUrl, config, {
    ...options,
    applicationName: `${applicationName}-read`,
    maxConnections,
  });
}

/**
 * The pool of lists and searches, which keeps them from slowing down reads of single payments and wallets. It has few connections, a short
 * time limit, and plans that walk an index to the requested page.
 */
export function createListKnex(
  databaseUrl: string,
  config: DatabaseSettings,
  applicationName: string,
  options: SessionOptions = {},
): Knex {
  return openKnex(
    databaseUrl,
    { ...config, database: { ...config.database, statementTimeoutMs: config.database.listTimeoutMs } },
    {
      ...options,
      applicationName: `${applicationName}-lists`,
      maxConnections: Math.max(2, Math.ceil(config.database.poolSize / 4)),
      settings: INDEX_WALKS,
    },
  );
}

function openKnex(
  databaseUrl: string,
  config: DatabaseSettings,
  {
    applicationName,
    maxConnections,
    settings = {},
    admit,
  }: SessionOptions & {
    readonly applicationName: string;
    readonly maxConnections: number;
    readonly settings?: Readonly<Record<string, string>>;
  },
): Knex {
  const guard = sessionGuardOf(databaseUrl);
  return knexFactory({
    client: 'pg',
    connection: connectionOptions(databaseUrl, config, applicationName, settings) as Knex.PgConnectionConfig,
    pool: {
      min: 0,
      max: maxConnections,
      afterCreate(session: pg.Client, done: (error: Error | null, session: pg.Client) => void) {
        guard.watch(session);
        spoilWhenSilent(session, guard);
        const prepare = async () => {
          await applySettings(session, allSettings(config, settings));
          await admitSession(session, { admit, guard });
        };
        prepare().then(
          () => done(null, session),
          (error: Error) => done(error, session),
        );
      },
      // Check each session before it is given out, and close one that may not be used.
      validate: (session: pg.Client) => guard.mayBeUsed(session),
    },
    acquireConnectionTimeout: config.database.connectTimeoutMs,
    // Silence knex: every error that it would print is also thrown, and logged once with its request or payment.
    log: { warn() {}, error() {}, deprecate() {}, debug() {} },
  });
}

async function admitSession(
  session: pg.ClientBase,
  { admit, guard }: SessionOptions & { readonly guard: SessionGuard },
): Promise<void> {
  try {
    await admit?.(session);
  } catch (error) {
    // Open sessions lead to where the address led before.
    if (error instanceof WrongDatabase) guard.suspectAll();
    throw error;
  }
}

/** How many connections of a pool are in use and idle, and how many callers are waiting for one. */
export function countConnections(pool: Pool | Knex): { used: number; idle: number; waiting: number } {
  if (pool instanceof pg.Pool) {
    const { totalCount, idleCount, waitingCount } = pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }
  const { pool: connections } = pool.client;
  return {
    used: connections.numUsed(),
    idle: connections.numFree(),
    waiting: connections.numPendingAcquires(),
  };
}

/**
 * Checks that the database answers.
 * @throws Error if it does not answer within `timeoutMs`.
 */
export async function pingDatabase(pool: Pool, timeoutMs: number): Promise<void> {
  await answerWithin(timeoutMs, pool.query('select 1'));
}

/** `read_only`: it answers but accepts no writes, because it is a standby or is fenced for a switchover. */
export const DATABASE_STATES = ['ok', 'read_only'] as const;
export type DatabaseState = (typeof DATABASE_STATES)[number];

/**
 * Checks whether the database accepts writes. If it does not, the pool's sessions are not used again, so the next check goes to wherever
 * the database address leads by then.
 * @throws Error if it does not answer within `timeoutMs`.
 */
export async function readDatabaseState(pool: Pool, timeoutMs: number): Promise<DatabaseState> {
  const isReadOnly = await answerWithin(timeoutMs, selectIsReadOnly(pool));
  if (!isReadOnly) return 'ok';
  suspectSessionsOf(pool);
  return 'read_only';
}

/** Why nothing can be read from the database. `other_server`: its address leads to a database that is not the one in use. */
export const DATABASE_ABSENCES = ['other_server', 'unreachable'] as const;
export type DatabaseAbsence = (typeof DATABASE_ABSENCES)[number];

export function nameAbsence(error: unknown): DatabaseAbsence {
  return error instanceof WrongDatabase ? 'other_server' : 'unreachable';
}

async function answerWithin<Answer>(timeoutMs: number, answer: Promise<Answer>): Promise<Answer> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Error(`no answer from the database within ${timeoutMs} ms`)),
      timeoutMs,
    ).unref();
  });
  return await Promise.race([answer, late]);
}
