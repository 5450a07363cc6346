import type { SettlementEvents } from '../payments/conclude/settlement-events.ts';
import type { AskedPayment } from '../payments/unknown/ask-about-unknown.ts';
import type { ClockStep } from '../payments/unknown/decide-clock-step.ts';

/** What a worker tells of its work, for metrics and logs. */
export interface WorkerEvents extends SettlementEvents {
  claimed(claim: { readonly count: number; readonly durationMs: number }): void;
  claimFailed(error: unknown): void;
  leaseLost(paymentId: bigint): void;
  renewalFailed(error: unknown): void;
  rescued(paymentIds: readonly bigint[]): void;
  poisoned(paymentIds: readonly bigint[]): void;
  asked(asked: AskedPayment): void;
  /** Payments that the gateway has not told of for so long that a person has to look. */
  needReview(paymentIds: readonly bigint[]): void;
  /** The database's clock jumped, or was not watched: whatever ends by time waits anew. */
  clockUnsteady(step: Exclude<ClockStep, { kind: 'steady' }>): void;
  /** A standby was promoted (`timeline`), or an earlier state of the database was put back: what waits is asked about first. */
  historyCut(by: 'timeline' | 'position'): void;
}
