/** A user is a heavy one when more than this share of what was claimed lately was theirs. */
const HEAVY_SHARE = 1 / 8;
/** What heavy users leave to the others while they have tasks waiting. */
const TURN_SHARE = 1 / 2;
/** Of fewer claimed tasks nothing can be said. */
const FEWEST_TASKS = 4;

export interface FairShare {
  /** How many tasks of the next claim are to be given out in turn, one for each user; may have a fraction. */
  readonly turnCount: number;
  /** Users who need no turn, because they are what the claim by age finds anyway. */
  readonly heavyUserIds: readonly bigint[];
}

/**
 * Decides how much of the next claim goes by turns instead of by age. Pure.
 * @param recentUserIds whose tasks were claimed by age lately, one entry for each task, while more was waiting.
 * @param limit how many tasks the next claim may take.
 */
export function decideFairShare(recentUserIds: readonly bigint[], limit: number): FairShare {
  const everybody: FairShare = { turnCount: 0, heavyUserIds: [] };
  if (recentUserIds.length < FEWEST_TASKS) return everybody;
  const counts = new Map<bigint, number>();
  for (const userId of recentUserIds) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  const heavy = [...counts].filter(([, count]) => count > 1 && count > recentUserIds.length * HEAVY_SHARE);
  const heavyCount = heavy.reduce((sum, [, count]) => sum + count, 0);
  if (heavyCount * 2 <= recentUserIds.length) return everybody;
  return { turnCount: limit * TURN_SHARE, heavyUserIds: heavy.map(([userId]) => userId) };
}
