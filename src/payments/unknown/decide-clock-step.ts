/** One reading of the database's clock, between two readings of this process's monotonic clock. All in milliseconds. */
export interface ClockReading {
  readonly databaseMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** How much the two clocks may differ between two readings, because of a slow network or a clock that is being adjusted slowly. */
const TOLERANCE_MS = 2000;
/** If nobody has read the clock for longer than this, it may have been set in the meantime. */
const LONGEST_GAP_MS = 60_000;

export type ClockStep =
  | { readonly kind: 'steady' }
  /** It jumped forward (above zero) or back by about this much, compared with monotonic time. */
  | { readonly kind: 'jumped'; readonly byMs: number }
  /** Nobody read the database's clock for this long, by that clock: workers or the database were down, or a backup was restored. */
  | { readonly kind: 'unwatched'; readonly forMs: number };

/**
 * Decides whether the database's clock has run at the speed of time since this process's last reading and since anybody's. Pure. A process
 * without an earlier reading can only say whether another process read it a moment ago.
 */
export function decideClockStep(
  { reading, last }: { readonly reading: ClockReading; readonly last: ClockReading | undefined },
  seenAgoMs: number,
): ClockStep {
  if (last) {
    const byDatabaseMs = reading.databaseMs - last.databaseMs;
    const leastMs = reading.beforeMs - last.afterMs - TOLERANCE_MS;
    const mostMs = reading.afterMs - last.beforeMs + TOLERANCE_MS;
    if (byDatabaseMs > mostMs || byDatabaseMs < leastMs)
      return { kind: 'jumped', byMs: byDatabaseMs - (reading.beforeMs - last.beforeMs) };
  }
  if (seenAgoMs < -TOLERANCE_MS) return { kind: 'jumped', byMs: seenAgoMs };
  if (seenAgoMs > LONGEST_GAP_MS) return { kind: 'unwatched', forMs: seenAgoMs };
  return { kind: 'steady' };
}
