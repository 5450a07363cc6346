/** How many rescued tasks may be claimed now: those that lost few workers, and those that lost so many that they run alone. */
export interface RescuedClaim {
  readonly groupLimit: number;
  readonly aloneLimit: number;
  /** A task that lost this many workers runs alone among rescued tasks. */
  readonly aloneFrom: number;
}

/** What a worker may hold at once of tasks that lost one worker, as a share of its calls. */
const GROUP_SHARE = 1 / 4;

/**
 * Decides how many rescued tasks a worker may take. Pure.
 *
 * A task that kills its worker takes its neighbours' workers with it, and their count of rescues grows with its own. So tasks
 * that lost a worker once go in smaller groups, and from the second loss on one at a time: then a killer dies without another
 * suspect, and no innocent one comes near `maxRescues` because of it.
 */
export function decideRescuedClaim({
  heldRescueCounts,
  maxRescues,
  concurrency,
}: {
  /** Of the tasks that this worker holds and that were rescued before. */
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
