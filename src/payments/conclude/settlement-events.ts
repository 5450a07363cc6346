import type { Difference } from '../../reconciliation/difference.ts';
import type { FinishedRun, SettlementResult } from './settle-payments.ts';

/** What is told, for metrics and logs, of results on their way into the ledger. */
export interface SettlementEvents {
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
  /** What the gateway said differs from what is recorded. */
  differed(exceptions: readonly Difference[]): void;
  /** Late results could not be kept; they are tried again, or lost when `willRetry` is false. */
  lateResultsUnwritten(failure: {
    readonly runs: readonly FinishedRun[];
    readonly error: unknown;
    readonly willRetry: boolean;
  }): void;
}
