/** Identifies one run of one task. A result counts only while the task still has this `runLease`. */
export interface RunId {
  readonly userId: bigint;
  readonly paymentId: bigint;
  readonly runLease: bigint;
}

/** A run as a key of maps and sets. A payment's id is not enough: two runs of one payment may end in one batch. */
export function runKeyOf({ paymentId, runLease }: RunId): string {
  return `${paymentId}/${runLease}`;
}

/** A task that this worker has claimed and now holds until its lease expires. */
export interface ClaimedTask extends RunId {
  /** Attempts that ended before this run. */
  readonly attempts: number;
  readonly rescueCount: number;
  /**
   * How long ago, by the database's clock, a call was made that may have executed without our knowing; null if every earlier call has a
   * definite outcome.
   */
  readonly unknownForMs: number | null;
  /** How many counting "not found" answers the gateway has given about this payment. */
  readonly notFoundCount: number;
  /** How long ago, by the database's clock, the last of them was; null if there was none. */
  readonly notFoundForMs: number | null;
  /** How many runs in a row were turned away at the gateway's door. */
  readonly turnedAwayCount: number;
  /** When the task became due, by the database's clock. */
  readonly readyAt: Date;
}

/** What a retry records about calls that may have executed: none did, an earlier one still may have, or this run's call may have. */
export type UnknownMark = 'cleared' | 'kept' | 'started_now';

/** What a run of a task comes to when it ends with a word about its call. */
export const RUN_OUTCOMES = ['succeeded', 'refused', 'not_executed', 'unknown'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What the gateway says when it is asked about an earlier call. */
export const INQUIRY_WORDS = ['succeeded', 'refused', 'not_found', 'unknown'] as const;
export type InquiryWord = (typeof INQUIRY_WORDS)[number];

/** What is recorded about a run that ended. */
export interface AttemptReport {
  readonly outcome: RunOutcome;
  readonly inquiry: InquiryWord | null;
  readonly httpStatus: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly latencyMs: number;
  /** The gateway reference; kept if the answer arrives too late to be settled. */
  readonly gatewayReference?: string | null;
}

/** A task that goes back to the queue after an attempt. */
export interface TaskRetry extends RunId {
  /** Whether the run counts as an attempt. */
  readonly usesAttempt: boolean;
  readonly delayMs: number;
  readonly unknown: UnknownMark;
  readonly notFoundCount: number;
  /** Whether this run's "not found" is one of those. */
  readonly hasCounted: boolean;
  readonly turnedAwayCount: number;
  readonly lastError: string | null;
}
