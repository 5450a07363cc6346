import type { Difference } from '../../reconciliation/difference.ts';
import type { FinishedRun, SettlementResult } from './settle-payments.ts';

/** Events about results on their way into the ledger, for metrics and logs. */
export interface SettlementEvents {
  settled(run: FinishedRun, result: SettlementResult): void;
  batchSettled(batch: { readonly runCount: number; readonly durationMs: number }): void;
  /** The batch could not be written; it is tried again, or left to the rescue if `willRetry` is false. */
  settlementFailed(failure: {
    readonly runs: readonly FinishedRun[];
    readonly error: unknown;
    readonly willRetry: boolean;
  }): void;
  /** Another transaction has locked this run's rows; the others are settled without it, and it is tried again. */
  deferred(run: FinishedRun): void;
  /** The gateway's answer differs from what is recorded. */
  differencesFound(differences: readonly Difference[]): void;
  /** Late results could not be recorded; they are tried again, or lost if `willRetry` is false. */
  lateResultsUnwritten(failure: {
    readonly runs: readonly FinishedRun[];
    readonly error: unknown;
    readonly willRetry: boolean;
  }): void;
}
