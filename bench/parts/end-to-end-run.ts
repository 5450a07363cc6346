/** What the end-to-end run found; the parts `e2e` and `memory` tell of it, and `latency` goes by its rates. */
export interface EndToEndRun {
  readonly oursPerSecond: number;
  readonly usualPerSecond: number;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  /** Samples of the resident size in MB, taken while ours was busy, in the order of time. */
  readonly residentMb: Readonly<Record<'api' | 'worker', readonly number[]>>;
}
