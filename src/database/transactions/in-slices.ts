import { isTooMuch } from './together-or-apart.ts';

export interface SliceResult {
  readonly rowCount: number;
  /** Nothing is left to do. */
  readonly isDone: boolean;
}

export interface SliceOptions {
  /** Rows of one slice at the most, to begin with. */
  readonly rowLimit: number;
  /** When the rest is left to the next time; a slice that has begun is finished. */
  readonly runMs: number;
  /** Does one slice in a short transaction of its own, so that what it did stays done. */
  readonly takeSlice: (rowLimit: number) => Promise<SliceResult>;
}

const LEAST_ROWS = 50;

/**
 * Works off a backlog of any size in bounded statements. A slice that takes longer than a statement may is tried again with
 * fewer rows: a busy server does not stop the work, it only slows it down.
 * @throws what a slice throws otherwise, and a timeout of the smallest slice; what the slices before did stays done.
 */
export async function inSlices({ rowLimit, runMs, takeSlice }: SliceOptions): Promise<SliceResult> {
  const deadline = performance.now() + runMs;
  let limit = rowLimit;
  for (let rowCount = 0; ; ) {
    try {
      const slice = await takeSlice(limit);
      rowCount += slice.rowCount;
      if (slice.isDone || performance.now() >= deadline) return { rowCount, isDone: slice.isDone };
    } catch (error) {
      if (!isTooMuch(error) || limit <= LEAST_ROWS || performance.now() >= deadline) throw error;
      limit = Math.max(LEAST_ROWS, Math.floor(limit / 4));
    }
  }
}
