import type { HistoryPosition } from './database-history.sql.ts';

export type HistoryState =
  | { readonly kind: 'goes_on' }
  /** Nobody has noted the timeline yet. */
  | { readonly kind: 'unnoted' }
  /** Part of the history may be gone: `timeline`, a backup was recovered or a standby promoted; `position`, an older state was put back. */
  | { readonly kind: 'cut'; readonly by: 'timeline' | 'position' };

/**
 * Decides whether the history of the database goes on where it was left. Pure.
 * @param seen what this process saw last; undefined when it has not looked before.
 */
export function decideHistory(
  { timeline, position, notedTimeline, cutCount }: HistoryPosition,
  seen: HistoryPosition | undefined,
): HistoryState {
  if (notedTimeline === null) return { kind: 'unnoted' };
  if (notedTimeline !== timeline) return { kind: 'cut', by: 'timeline' };
  // Another process may have seen it first, and noted it.
  if (seen && seen.timeline === timeline && position < seen.position && cutCount <= seen.cutCount)
    return { kind: 'cut', by: 'position' };
  return { kind: 'goes_on' };
}
