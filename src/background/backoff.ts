/** Makes a pause less regular, so that those who failed together do not come back together. `random` is in [0, 1). */
export type Jitter = (pauseMs: number, random: number) => number;

/** The pause, a quarter more or less. */
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

/** How pauses grow from one try to the next. */
export interface Backoff {
  /** The pause after the first try. */
  readonly baseMs: number;
  /** No pause is longer, before its jitter. */
  readonly maxMs: number;
  /** How much longer each pause is than the one before; 2 when it is not given, 1 for pauses that do not grow. */
  readonly factor?: number;
  /** None when it is not given. */
  readonly jitter?: Jitter;
}

/** 2^52 is far beyond any maximum and still exact. */
const MOST_DOUBLINGS = 52;

/**
 * How long to wait after try number `attempt` (from 1), in whole milliseconds:
 * `min(maxMs, baseMs * factor^(attempt - 1))`, and then the jitter.
 * @param random a number in [0, 1), for tests and for decisions that draw nothing themselves.
 */
export function backoffMs(attempt: number, backoff: Backoff, random: number = Math.random()): number {
  const { baseMs, maxMs, factor = 2, jitter } = backoff;
  const growth = factor ** Math.min(Math.max(attempt - 1, 0), MOST_DOUBLINGS);
  const pauseMs = Math.min(maxMs, baseMs * growth);
  return Math.round(jitter ? jitter(pauseMs, random) : pauseMs);
}
