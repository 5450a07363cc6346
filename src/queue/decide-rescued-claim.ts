/** How many rescued tasks may be claimed now: those that lost few workers, and those that lost so many that they must run alone. */
export interface RescuedClaim {
  readonly groupLimit: number;
  readonly aloneLimit: number;
  /** A task that lost this many workers runs alone among rescued tasks. */
  readonly aloneFrom: number;
}

/** How many tasks that lost one worker a worker may hold at once, as a share of its calls. */
const GROUP_SHARE = 1 / 4;

/**
 * Decides how many rescued tasks a worker may take. Pure.
 *
 * A task that kills its worker also costs the other tasks of that worker a rescue. So tasks that lost a worker once run in smaller groups,
 * and from the second loss on one at a time: then the cause of a crash is certain, and no innocent task comes near `maxRescues` because of
 * it.
 */
export function decideRescuedClaim({
  heldRescueCounts,
  maxRescues,
  concurrency,
}: {
  /** The rescue counts of the tasks that this worker holds. */
  readonly heldRescueCounts: readonly number[];
  readonly maxRescues: number;
  readonly concurrency: number;
}): RescuedClaim {
  const aloneFrom = Math.min(2, maxRescues);
  const heldAlone = heldRescueCounts.filter((count) => count >= aloneFrom).length;
  const heldInGroup = heldRescueCounts.length - heldAlone;
  const groupSize = aloneFrom > 1 ? Math.max(1, Math.floor(concurrency * GROUP_SHARE)) : 0;
  return {
    groupLimit: Math.max(0, groupSize - heldInGroup),
    aloneLimit: heldAlone === 0 ? 1 : 0,
    aloneFrom,
  };
}
