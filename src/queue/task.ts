/** Names one run of one task. A result counts only while the task still carries this `runLease`. */
export interface RunId {
  readonly userId: bigint;
  readonly paymentId: bigint;
  readonly runLease: bigint;
}

/** A run as a key of maps and sets. A payment's id would not do: two runs of one payment may end in one batch. */
export function runKeyOf({ paymentId, runLease }: RunId): string {
  return `${paymentId}/${runLease}`;
}

/** A task that this worker has claimed and now holds until its lease expires. */
export interface ClaimedTask extends RunId {
  /** Attempts that ended before this run. */
  readonly attempts: number;
  readonly rescueCount: number;
  /**
   * How long ago, by the database's clock, a call was made that may have executed without our knowing; null when every
   * earlier call has a definite outcome.
   */
  readonly unknownForMs: number | null;
  /** How often the gateway said, when it counted, that it does not know this payment. */
  readonly notFoundCount: number;
  /** How long ago, by the database's clock, it said so last; null when it has not. */
  readonly notFoundForMs: number | null;
  /** How many runs in a row the gateway turned away at the door. */
  readonly turnedAwayCount: number;
  /** When the task's time had come, by the database's clock. */
  readonly readyAt: Date;
}

/**
 * What a retry carries on about calls that may have executed: none did, the earlier one still may have, or the one of
 * this run may have.
 */
export type UnknownMark = 'cleared' | 'kept' | 'started_now';

/** What a run of a task comes to when it ends with a word about its call. */
export const RUN_OUTCOMES = ['succeeded', 'refused', 'not_executed', 'unknown'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What the gateway says when it is asked about an earlier call. */
export const INQUIRY_WORDS = ['succeeded', 'refused', 'not_found', 'unknown'] as const;
export type InquiryWord = (typeof INQUIRY_WORDS)[number];

/** What is written about a run that ended. */
export interface AttemptReport {
  readonly outcome: RunOutcome;
  readonly inquiry: InquiryWord | null;
  readonly httpStatus: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly latencyMs: number;
  /** The gateway's name for what it says it carried out; kept where the answer comes too late to be settled. */
  readonly gatewayReference?: string | null;
}

/** A task that goes back to the queue after an attempt. */
export interface TaskRetry extends RunId {
  /** Whether the run counts as an attempt. */
  readonly isBurnt: boolean;
  readonly delayMs: number;
  readonly unknown: UnknownMark;
  readonly notFoundCount: number;
  /** Whether a "not found" of this run is one of those. */
  readonly hasCounted: boolean;
  readonly turnedAwayCount: number;
  readonly lastError: string | null;
}
