import type pg from 'pg';
import { classifyDatabaseError, judgeSession } from '../transactions/classify-database-error.ts';

/**
 * Remembers which database sessions must not be used again. If one session turns out to be read-only, or to have lost its prepared
 * statements, the same holds for every session opened before it: after a switchover, they lead to the old server, return stale reads, and
 * refuse every write for as long as they live. Nothing else would end them.
 */
export function createSessionGuard() {
  const spoiled = new WeakSet<pg.ClientBase>();
  const watched = new WeakMap<pg.ClientBase, number>();
  const listeners = new Set<() => void>();
  /** Sessions are numbered, so that "opened before" needs no clock. */
  let openedCount = 0;
  let suspectUpTo = 0;

  function suspectAll(): void {
    suspectUpTo = openedCount;
    for (const listener of listeners) listener();
  }

  return {
    /** Watches a session from the moment it is opened. */
    watch(session: pg.ClientBase): void {
      openedCount += 1;
      watched.set(session, openedCount);
      // Judge the session before its query learns of the error, so that the caller already finds it ruled out.
      (session as pg.Client).connection.prependListener('errorMessage', ({ code }: pg.DatabaseError) => {
        const verdict = judgeSession(code);
        if (verdict === 'usable') return;
        spoiled.add(session);
        if (verdict === 'all_suspect') suspectAll();
      });
    },
    /** Rules this session out. */
    spoil(session: pg.ClientBase): void {
      spoiled.add(session);
    },
    mayBeUsed(session: pg.ClientBase): boolean {
      return !spoiled.has(session) && (watched.get(session) ?? Number.POSITIVE_INFINITY) > suspectUpTo;
    },
    /** Rules out every session that is open now. */
    suspectAll,
    /** Calls back when all sessions have become suspect; returns a function that unsubscribes. */
    onSuspicion(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type SessionGuard = ReturnType<typeof createSessionGuard>;

const guards = new Map<string, SessionGuard>();

/** The guard of one database: what a session of one pool finds out applies to the other pools, too. */
export function sessionGuardOf(databaseUrl: string): SessionGuard {
  const guard = guards.get(databaseUrl) ?? createSessionGuard();
  guards.set(databaseUrl, guard);
  return guard;
}

type Done = (error: Error | undefined, result?: unknown) => void;

/**
 * Rules a session out once it has not answered in time, for a pool that takes sessions back whatever happened to their queries: otherwise
 * every later user of a silent connection would wait in vain.
 */
export function spoilWhenSilent(session: pg.Client, guard: SessionGuard): void {
  const query = session.query.bind(session) as (...parameters: unknown[]) => unknown;
  const judge = (error: unknown) => {
    if (error && classifyDatabaseError(error).isConnectionLost) guard.spoil(session);
  };
  session.query = ((...parameters: unknown[]) => {
    const last = parameters.at(-1);
    if (typeof last === 'function') {
      const done: Done = (error, result) => {
        judge(error);
        (last as Done)(error, result);
      };
      return query(...parameters.slice(0, -1), done);
    }
    const answer = query(...parameters);
    if (answer instanceof Promise) answer.catch(judge);
    return answer;
  }) as pg.Client['query'];
}

const guardsOfPools = new WeakMap<pg.Pool, SessionGuard>();

/** Rules out the sessions of this pool and of other pools with the same database. */
export function suspectSessionsOf(pool: pg.Pool): void {
  guardsOfPools.get(pool)?.suspectAll();
}

/** Keeps a pool from handing out sessions that its guard has ruled out. */
export function guardPool(pool: pg.Pool, guard: SessionGuard): void {
  guardsOfPools.set(pool, guard);
  const idle = new Set<pg.PoolClient>();
  pool.on('connect', guard.watch);
  pool.on('acquire', (session) => idle.delete(session));
  pool.on('remove', (session) => idle.delete(session));
  pool.on('release', (_error, session) => {
    // The pool does not take back a session that has ended or is about to.
    if (guard.mayBeUsed(session) && isAtRest(session)) idle.add(session);
    else void session.end().catch(() => {});
  });
  guard.onSuspicion(() => {
    // An error makes the pool discard an idle session, as if the server had ended it.
    const thrownAway = [...idle];
    idle.clear();
    for (const session of thrownAway) session.emit('error', new SuspectSession());
  });
}

/** A session was discarded because another session of the same server had become unusable. */
export class SuspectSession extends Error {
  override readonly name = 'SuspectSession';
  constructor() {
    super('the session was discarded: the server has become read-only, or its prepared statements are gone');
  }
}

/** Do not reuse a session in the middle of a transaction: the next user would become part of it. */
function isAtRest(session: pg.PoolClient): boolean {
  const status = session.getTransactionStatus();
  return status === null || status === 'I';
}
