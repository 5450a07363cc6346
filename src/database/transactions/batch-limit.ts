/** Full batches that must go well before the next ones may be larger. */
const GROW_AFTER = 10;

/** How large a batch may be: half of one that took too long, and back to `most` step by step when it goes well. */
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
      // A smaller one says nothing about those that are as large as they may be.
      if (size < limit || limit === most) return;
      wellDoneCount += 1;
      if (wellDoneCount < GROW_AFTER) return;
      limit = Math.min(most, limit * 2);
      wellDoneCount = 0;
    },
  };
}
