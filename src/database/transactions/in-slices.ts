import { isTooMuch } from './together-or-apart.ts';

export interface SliceResult {
  readonly rowCount: number;
  /** Nothing is left to do. */
  readonly isDone: boolean;
}

export interface SliceOptions {
  /** The most rows of one slice, at first. */
  readonly rowLimit: number;
  /** When to leave the rest for the next run; a slice that has begun is finished. */
  readonly runMs: number;
  /** Processes one slice in its own short transaction, so that its work stays done. */
  readonly takeSlice: (rowLimit: number) => Promise<SliceResult>;
}

const LEAST_ROWS = 50;

/**
 * Works through a backlog of any size in bounded statements. A slice that exceeds the statement timeout is tried again with fewer rows, so
 * that a busy server slows the work down but does not stop it.
 * @throws any other error of a slice, and a timeout of the smallest slice; the work of earlier slices stays done.
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
