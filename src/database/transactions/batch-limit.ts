/** How many full batches must succeed before the limit grows. */
const GROW_AFTER = 10;

/** Limits the batch size: half after a batch that took too long, and step by step back to `most` while batches succeed. */
export function createBatchLimit(most: number) {
  let limit = most;
  let wellDoneCount = 0;
  return {
    now: () => limit,
    tooSlow(size: number): void {
      limit = Math.max(1, Math.min(limit, Math.floor(size / 2)));
      wellDoneCount = 0;
    },
    wellDone(size: number): void {
      // A smaller batch says nothing about full ones.
      if (size < limit || limit === most) return;
      wellDoneCount += 1;
      if (wellDoneCount < GROW_AFTER) return;
      limit = Math.min(most, limit * 2);
      wellDoneCount = 0;
    },
  };
}
