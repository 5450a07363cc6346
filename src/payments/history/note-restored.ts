import type { Queryable } from '../../database/database.ts';
import { countWaiting, noteCut } from './database-history.sql.ts';
import { readWhereTold } from './watch-history.ts';

/**
 * Notes on a person's word that a part of the database's history is gone: an earlier state was put back, or a copy was made of it. What
 * waits is asked about before it is sent, and the time until "not found" counts begins anew. Doing it twice changes nothing more.
 * @returns how many payments wait.
 */
export async function noteRestored(queryable: Queryable): Promise<{ readonly waitingCount: number }> {
  const here = await readWhereTold(queryable);
  await noteCut(queryable, { timeline: here?.timeline ?? null, cutCount: null });
  return { waitingCount: await countWaiting(queryable) };
}
