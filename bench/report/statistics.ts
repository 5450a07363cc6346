import { strict as assert } from 'node:assert';

/** The middle of the values; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  assert(values.length > 0, 'a median needs values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * The smallest value that at least `percent` of all values do not exceed (nearest rank), so it is always one that was measured.
 */
export function percentile(values: readonly number[], percent: number): number {
  assert(values.length > 0, 'a percentile needs values');
  assert(percent > 0 && percent <= 100, 'a percentile is above 0 and at most 100');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] as number;
}

/** The figures that are reported for a set of latencies, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

export function summariseLatencies(latenciesMs: readonly number[]): LatencySummary {
  return {
    count: latenciesMs.length,
    p50_ms: round(percentile(latenciesMs, 50), 2),
    p95_ms: round(percentile(latenciesMs, 95), 2),
    p99_ms: round(percentile(latenciesMs, 99), 2),
    max_ms: round(percentile(latenciesMs, 100), 2),
  };
}

/** Rounds to `digits` decimals, for people. */
export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
