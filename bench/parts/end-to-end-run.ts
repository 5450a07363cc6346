/** The end-to-end run. The parts `e2e` and `memory` report it, and `latency` uses its rates. */
export interface EndToEndRun {
  readonly oursPerSecond: number;
  readonly usualPerSecond: number;
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  /** Samples of the resident size in MB, taken while ours was busy, in the order of time. */
  readonly residentMb: Readonly<Record<'api' | 'worker', readonly number[]>>;
}
