import type { Queryable } from '../../database/database.ts';
import { type HistoryPosition, noteCut, noteTimeline, readHistory } from './database-history.sql.ts';
import { decideHistory } from './decide-history.ts';

/** Errors of a server of another make that does not support the query, or of a role that may not run it. */
const UNTOLD = new Set(['0A000', '42501', '42883']);
/** Sessions that are opened together check only once: nothing can be restored in less time. */
const LOOK_PAUSE_MS = 500;

/**
 * Creates a check for whether an earlier state of the database was restored, or a standby promoted that may lack the latest data. What
 * happened afterwards is lost here but not at the gateway, so waiting payments may have been carried out: workers ask the gateway about
 * them before they send them, and they fail only if the gateway says so. The check runs for each new session, and every few seconds in
 * workers. It cannot detect a disk copy that was restored while nothing was running: see docs/operating.md.
 * @param onCut is called once the loss is recorded.
 */
export function createHistoryWatch(
  onCut: (by: 'timeline' | 'position') => void = () => {},
  { lookPauseMs = LOOK_PAUSE_MS }: { readonly lookPauseMs?: number } = {},
): (session: Queryable) => Promise<void> {
  let seen: HistoryPosition | undefined;
  let nextLookAtMs = 0;
  let isTold = true;

  async function look(session: Queryable): Promise<void> {
    // Number the checks before the query: a check that ends sooner may have seen a later position.
    const seenBefore = seen;
    const here = await readHistory(session).catch((error: unknown) => {
      if (!isUntold(error)) throw error;
      // Such an error makes the session unusable, so do not ask again.
      isTold = false;
      return undefined;
    });
    if (!here) return;
    const state = decideHistory(here, seenBefore);
    if (state.kind === 'unnoted') await noteTimeline(session, here.timeline);
    if (state.kind === 'cut' && (await noteCut(session, here))) onCut(state.by);
    // Remember the position only now, so that a loss that could not be recorded is found again. A slower check must not replace a later
    // position.
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

/** undefined if the server does not support the query. */
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
