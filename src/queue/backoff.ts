export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly jitterMs: number;
}

/**
 * How long to wait after attempt number `attempt` (from 1): `min(max, base * 2^(attempt-1))` plus a jitter of up to
 * `jitterMs`, in milliseconds.
 * @param random a number in [0, 1), so that tests can choose it.
 */
export function computeBackoffMs(attempt: number, policy: BackoffPolicy, random: number): number {
  // 2^52 is far beyond any maximum and still exact.
  const exponential = policy.baseMs * 2 ** Math.min(attempt - 1, 52);
  return Math.round(Math.min(policy.maxMs, exponential) + random * policy.jitterMs);
}
