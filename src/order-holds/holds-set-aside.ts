/** Holds that could not expire, and are left alone for a while. */
export interface HoldsSetAside {
  has(holdId: bigint): boolean;
  add(holdId: bigint): void;
}

const PAUSE_MS = 60_000;
/** Beyond this, those that have waited longest are tried again early. */
const MOST = 10_000;

/**
 * Remembers holds that could not expire, so that a sweep tries them again once a minute and not once a second: each try takes the slice that
 * it is in apart, and writes to the log.
 */
export function createHoldsSetAside({
  pauseMs = PAUSE_MS,
}: {
  readonly pauseMs?: number;
} = {}): HoldsSetAside {
  const untilMs = new Map<bigint, number>();
  return {
    has(holdId) {
      const until = untilMs.get(holdId);
      if (until === undefined) return false;
      if (until > performance.now()) return true;
      untilMs.delete(holdId);
      return false;
    },
    add(holdId) {
      untilMs.delete(holdId);
      untilMs.set(holdId, performance.now() + pauseMs);
      const [oldest] = untilMs.keys();
      if (untilMs.size > MOST && oldest !== undefined) untilMs.delete(oldest);
    },
  };
}
