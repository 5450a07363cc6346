/** A user is heavy if more than this share of the recently claimed tasks was theirs. */
const HEAVY_SHARE = 1 / 8;
/** The share that heavy users leave to others who have waiting tasks. */
const TURN_SHARE = 1 / 2;
/** With fewer claimed tasks, the shares say nothing. */
const FEWEST_TASKS = 4;

export interface FairShare {
  /** How many tasks of the next claim to give out in turn, one for each user; may be fractional. */
  readonly turnCount: number;
  /** Users who need no turn, because the claim by age finds them anyway. */
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
