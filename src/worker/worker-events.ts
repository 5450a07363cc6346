import type { AskedPayment } from '../payments/ask-about-unknown.ts';
import type { ClockStep } from '../payments/decide-clock-step.ts';
import type { FinishedRun, SettlementResult } from '../payments/settle-payments.ts';
import type { Difference } from '../reconciliation/difference.ts';

/** What a worker tells of its work, for metrics and logs. */
export interface WorkerEvents {
  claimed(claim: { readonly count: number; readonly durationMs: number }): void;
  settled(run: FinishedRun, result: SettlementResult): void;
  batchSettled(batch: { readonly runCount: number; readonly durationMs: number }): void;
  /** The batch could not be written; it is tried again, or left to the rescue when `willRetry` is false. */
  settlementFailed(failure: {
    readonly runs: readonly FinishedRun[];
    readonly error: unknown;
    readonly willRetry: boolean;
  }): void;
  /** Somebody else has the rows of this run; its neighbours are settled without it, and it is tried again. */
  setAside(run: FinishedRun): void;
  claimFailed(error: unknown): void;
  leaseLost(paymentId: bigint): void;
  renewalFailed(error: unknown): void;
  rescued(paymentIds: readonly bigint[]): void;
  poisoned(paymentIds: readonly bigint[]): void;
  asked(asked: AskedPayment): void;
  /** Payments that the gateway has not told of for so long that a person has to look. */
  needReview(paymentIds: readonly bigint[]): void;
  /** What the gateway said differs from what is recorded. */
  differed(exceptions: readonly Difference[]): void;
  /** Late results could not be kept; they are tried again, or lost when `willRetry` is false. */
  lateResultsUnwritten(failure: {
    readonly runs: readonly FinishedRun[];
    readonly error: unknown;
    readonly willRetry: boolean;
  }): void;
  /** The database's clock jumped, or was not watched: whatever ends by time waits anew. */
  clockUnsteady(step: Exclude<ClockStep, { kind: 'steady' }>): void;
  /** A standby was promoted (`timeline`), or an earlier state of the database was put back: what waits is asked about first. */
  historyCut(by: 'timeline' | 'position'): void;
}
