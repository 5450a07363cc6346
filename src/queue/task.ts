/** Names one run of one task. A result counts only while the task still carries this `runLease`. */
export interface RunId {
  readonly paymentId: bigint;
  readonly runLease: bigint;
}

/** A task that this worker has claimed and now holds until its lease expires. */
export interface ClaimedTask extends RunId {
  readonly userId: bigint;
  /** Attempts that ended before this run. */
  readonly attempts: number;
  readonly rescueCount: number;
  /** Since when a call may have executed without our knowing; null when every earlier call has a definite outcome. */
  readonly unknownSince: Date | null;
  /** How often the gateway said that it does not know this payment since `unknownSince`. */
  readonly notFoundCount: number;
}

/** What is written about a run that ended. */
export interface AttemptReport {
  readonly outcome: 'succeeded' | 'refused' | 'not_executed' | 'unknown';
  readonly inquiry: 'succeeded' | 'refused' | 'not_found' | 'unknown' | null;
  readonly httpStatus: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly latencyMs: number;
}

/** A task that goes back to the queue after an attempt. */
export interface TaskRetry extends RunId {
  readonly delayMs: number;
  readonly unknownSince: Date | null;
  readonly notFoundCount: number;
  readonly lastError: string | null;
}
