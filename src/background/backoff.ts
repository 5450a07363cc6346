/** Randomizes a pause, so that callers that failed together do not retry together. `random` is in [0, 1). */
export type Jitter = (pauseMs: number, random: number) => number;

/** The pause, up to a quarter more or less. */
export const aroundJitter: Jitter = (pauseMs, random) => pauseMs * (0.75 + random / 2);
/** The pause and up to `mostMs` more. */
export const jitterUpTo =
  (mostMs: number): Jitter =>
  (pauseMs, random) =>
    pauseMs + mostMs * random;
/** The pause and up to this share of it more. */
export const jitterByShare =
  (share: number): Jitter =>
  (pauseMs, random) =>
    pauseMs * (1 + share * random);

/** How pauses grow from one attempt to the next. */
export interface Backoff {
  /** The pause after the first attempt. */
  readonly baseMs: number;
  /** The longest pause, before jitter. */
  readonly maxMs: number;
  /** The factor from one pause to the next: by default 2; 1 for pauses that do not grow. */
  readonly factor?: number;
  /** By default none. */
  readonly jitter?: Jitter;
}

/** 2^52 is far beyond any maximum and still exact. */
const MOST_DOUBLINGS = 52;

/**
 * How long to wait after attempt number `attempt` (from 1), in whole milliseconds: `min(maxMs, baseMs * factor^(attempt - 1))`, plus
 * jitter.
 * @param random a number in [0, 1), for tests and for pure decisions.
 */
export function backoffMs(attempt: number, backoff: Backoff, random: number = Math.random()): number {
  const { baseMs, maxMs, factor = 2, jitter } = backoff;
  const growth = factor ** Math.min(Math.max(attempt - 1, 0), MOST_DOUBLINGS);
  const pauseMs = Math.min(maxMs, baseMs * growth);
  return Math.round(jitter ? jitter(pauseMs, random) : pauseMs);
}
