import type { Queryable } from '../../database/database.ts';
import { countWaiting, noteCut } from './database-history.sql.ts';
import { readWhereTold } from './watch-history.ts';

/**
 * Records, because a person said so, that part of the database's history is gone: an earlier state was restored, or the database was
 * copied. Workers then ask the gateway about waiting payments before they send them, and the time until "not found" counts starts again.
 * Doing this twice is harmless.
 * @returns how many payments are waiting.
 */
export async function recordRestore(queryable: Queryable): Promise<{ readonly waitingCount: number }> {
  const here = await readWhereTold(queryable);
  await noteCut(queryable, { timeline: here?.timeline ?? null, cutCount: null });
  return { waitingCount: await countWaiting(queryable) };
}
