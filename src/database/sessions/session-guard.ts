import type pg from 'pg';
import { classifyDatabaseError, judgeSession } from '../transactions/classify-database-error.ts';

/**
 * Remembers which sessions with the database must not be used again. One that said it is read-only, or that its prepared
 * statements are gone, says so of every session that was opened before it: after a switchover they lead to the old server,
 * answer reads with what is no longer true, and refuse every write for as long as they live. Nobody else ends them.
 */
export function createSessionGuard() {
  const spoiled = new WeakSet<pg.ClientBase>();
  const watched = new WeakMap<pg.ClientBase, number>();
  const listeners = new Set<() => void>();
  /** Sessions count up, so that "opened before" needs no clock. */
  let openedCount = 0;
  let suspectUpTo = 0;

  function suspectAll(): void {
    suspectUpTo = openedCount;
    for (const listener of listeners) listener();
  }

  return {
    /** Watches a session from its opening on. */
    watch(session: pg.ClientBase): void {
      openedCount += 1;
      watched.set(session, openedCount);
      // Before the query hears of its error, so that whoever it belongs to finds the session judged.
      (session as pg.Client).connection.prependListener('errorMessage', ({ code }: pg.DatabaseError) => {
        const verdict = judgeSession(code);
        if (verdict === 'usable') return;
        spoiled.add(session);
        if (verdict === 'all_suspect') suspectAll();
      });
    },
    /** This session is not used again. */
    spoil(session: pg.ClientBase): void {
      spoiled.add(session);
    },
    mayBeUsed(session: pg.ClientBase): boolean {
      return !spoiled.has(session) && (watched.get(session) ?? Number.POSITIVE_INFINITY) > suspectUpTo;
    },
    /** No session that is open now is used again. */
    suspectAll,
    /** Calls when all sessions have become suspect; gives a function that ends that. */
    onSuspicion(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type SessionGuard = ReturnType<typeof createSessionGuard>;

const guards = new Map<string, SessionGuard>();

/** The guard of one database: what a session of one pool finds out holds for those of the others. */
export function sessionGuardOf(databaseUrl: string): SessionGuard {
  const guard = guards.get(databaseUrl) ?? createSessionGuard();
  guards.set(databaseUrl, guard);
  return guard;
}

type Done = (error: Error | undefined, result?: unknown) => void;

/**
 * Rules a session out once it has given no answer in time, for a pool that takes sessions back whatever became of their queries: on a
 * connection that has fallen silent nobody else would find that out, and everybody who gets it would wait in vain.
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

/** The sessions of this pool, and of the others with the same database, are not used again. */
export function suspectSessionsOf(pool: pg.Pool): void {
  guardsOfPools.get(pool)?.suspectAll();
}

/** Keeps a pool from giving out sessions that its guard has ruled out. */
export function guardPool(pool: pg.Pool, guard: SessionGuard): void {
  guardsOfPools.set(pool, guard);
  const idle = new Set<pg.PoolClient>();
  pool.on('connect', guard.watch);
  pool.on('acquire', (session) => idle.delete(session));
  pool.on('remove', (session) => idle.delete(session));
  pool.on('release', (_error, session) => {
    // The pool takes no session back that has ended, or is about to.
    if (guard.mayBeUsed(session) && isAtRest(session)) idle.add(session);
    else void session.end().catch(() => {});
  });
  guard.onSuspicion(() => {
    // An error makes the pool throw an idle session away, as when its server had ended it.
    const thrownAway = [...idle];
    idle.clear();
    for (const session of thrownAway) session.emit('error', new SuspectSession());
  });
}

/** A session was thrown away because another one of the same server had turned out to be useless. */
export class SuspectSession extends Error {
  override readonly name = 'SuspectSession';
  constructor() {
    super(
      'the session is not used again: the server has become read-only, or its prepared statements are gone',
    );
  }
}

/** Not in the middle of a transaction that whoever comes next would become part of. */
function isAtRest(session: pg.PoolClient): boolean {
  const status = session.getTransactionStatus();
  return status === null || status === 'I';
}
