import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { allSettings, connectionOptions, type DatabaseSettings } from './sessions/connection-options.ts';
import { DatabaseClient } from './sessions/database-client.ts';
import { INDEX_PLANS } from './sessions/plan-settings.ts';
import { applySettings, limitTransactions } from './sessions/prepare-session.sql.ts';
import {
  guardPool,
  type SessionGuard,
  SuspectSession,
  sessionGuardOf,
  spoilWhenSilent,
} from './sessions/session-guard.ts';
import { WrongDatabase } from './sessions/wrong-database.ts';

export type { Knex };
export type Pool = pg.Pool;
/** Anything that runs one query: the pool itself, or a client inside a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;
export type Transaction = pg.ClientBase;

/** Our transactions are a handful of short statements; one that lasts as long as this many slow ones is hanging. */
const STATEMENTS_PER_TRANSACTION = 3;

export interface SessionOptions {
  /**
   * Checks each new session, before it is used, for whether its database is the right one.
   * @throws WrongDatabase if it is not; then the other sessions are not used again either.
   */
  readonly admit?: ((session: Queryable) => Promise<void>) | undefined;
}

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
  // Unless DATABASE_PLAN_CACHE_MODE says otherwise, a plan is made once, without looking at parameters.
  const settings = { ...INDEX_PLANS, plan_cache_mode: config.database.planCacheMode };
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
      settings: INDEX_PLANS,
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
