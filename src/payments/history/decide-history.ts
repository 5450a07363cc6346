import type { HistoryPosition } from './database-history.sql.ts';

export type HistoryState =
  | { readonly kind: 'goes_on' }
  /** The timeline has not been recorded yet. */
  | { readonly kind: 'unnoted' }
  /** Part of the history may be gone. `timeline`: a backup was recovered or a standby promoted. `position`: an older state was restored. */
  | { readonly kind: 'cut'; readonly by: 'timeline' | 'position' };

/**
 * Decides whether the database's history continues from where it was. Pure.
 * @param seen what this process saw last; undefined if it has not checked before.
 */
export function decideHistory(
  { timeline, position, notedTimeline, cutCount }: HistoryPosition,
  seen: HistoryPosition | undefined,
): HistoryState {
  if (notedTimeline === null) return { kind: 'unnoted' };
  if (notedTimeline !== timeline) return { kind: 'cut', by: 'timeline' };
  // Another process may have noticed and recorded it first.
  if (seen && seen.timeline === timeline && position < seen.position && cutCount <= seen.cutCount)
    return { kind: 'cut', by: 'position' };
  return { kind: 'goes_on' };
}
