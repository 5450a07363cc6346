import type { Queryable } from '../../database/database.ts';
import { type HistoryPosition, noteCut, noteTimeline, readHistory } from './database-history.sql.ts';
import { decideHistory } from './decide-history.ts';

/** A server of another make that does not tell, or a role that may not ask. */
const UNTOLD = new Set(['0A000', '42501', '42883']);
/** Sessions that are opened together look once: nothing is put back in less time. */
const LOOK_PAUSE_MS = 500;

/**
 * Gives what looks whether an earlier state of the database was put back, or a standby promoted that may lack the last of it. What came
 * after is forgotten here and not at the gateway, so payments that wait may have been carried out: they are asked about before they are
 * sent, and fail only on the gateway's word. It is called with each new session, and every few seconds by workers.
 * A copy of the disk that was put back while nobody ran tells nothing of itself: see docs/operating.md.
 * @param onCut is told once it is noted.
 */
export function createHistoryWatch(
  onCut: (by: 'timeline' | 'position') => void = () => {},
  { lookPauseMs = LOOK_PAUSE_MS }: { readonly lookPauseMs?: number } = {},
): (session: Queryable) => Promise<void> {
  let seen: HistoryPosition | undefined;
  let nextLookAtMs = 0;
  let isTold = true;

  async function look(session: Queryable): Promise<void> {
    // Before the look: one that ends sooner may have seen a later place.
    const seenBefore = seen;
    const here = await readHistory(session).catch((error: unknown) => {
      if (!isUntold(error)) throw error;
      // Such an answer spoils the session that asked, so it is not asked for again.
      isTold = false;
      return undefined;
    });
    if (!here) return;
    const state = decideHistory(here, seenBefore);
    if (state.kind === 'unnoted') await noteTimeline(session, here.timeline);
    if (state.kind === 'cut' && (await noteCut(session, here))) onCut(state.by);
    // Only now: a cut that could not be noted is found again. A look that took longer must not take a later place back.
    const isOther = here.timeline !== seen?.timeline || here.cutCount !== seen.cutCount;
    if (state.kind === 'cut' || !seen || isOther || here.position > seen.position) seen = here;
  }

  return async (session) => {
    if (!isTold || performance.now() < nextLookAtMs) return;
    nextLookAtMs = performance.now() + lookPauseMs;
    await look(session).catch((error: unknown) => {
      nextLookAtMs = 0;
      throw error;
    });
  };
}

/** undefined where the server does not tell. */
export async function readWhereTold(session: Queryable): Promise<HistoryPosition | undefined> {
  try {
    return await readHistory(session);
  } catch (error) {
    if (isUntold(error)) return undefined;
    throw error;
  }
}

function isUntold(error: unknown): boolean {
  return UNTOLD.has((error as { code?: string }).code ?? '');
}
