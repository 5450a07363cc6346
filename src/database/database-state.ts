import type { Pool } from './database.ts';
import { suspectSessionsOf } from './sessions/session-guard.ts';
import { WrongDatabase } from './sessions/wrong-database.ts';
import { selectIsReadOnly } from './transactions/read-only.sql.ts';

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
