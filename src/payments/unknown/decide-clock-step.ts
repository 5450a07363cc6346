/** One look at the database's clock, framed by two at this process's monotonic one. All in milliseconds. */
export interface ClockReading {
  readonly databaseMs: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** How much the two clocks may differ between two looks: a slow network and a clock that is gently set right. */
const TOLERANCE_MS = 2000;
/** A clock that nobody has looked at for longer may have been set meanwhile. */
const LONGEST_GAP_MS = 60_000;

export type ClockStep =
  | { readonly kind: 'steady' }
  /** It went forward (above zero) or back by about this much against monotonic time. */
  | { readonly kind: 'jumped'; readonly byMs: number }
  /** Nobody looked for this long by the database's clock: workers or the database were away, or a backup was put back. */
  | { readonly kind: 'unwatched'; readonly forMs: number };

/**
 * Decides whether the database's clock has gone as fast as time since the last looks, that of this process and that of any. Pure.
 * A process that has not looked before can only say whether another did a moment ago.
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
