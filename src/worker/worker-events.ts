import type { SettlementEvents } from '../payments/conclude/settlement-events.ts';
import type { AskedPayment } from '../payments/unknown/ask-about-unknown.ts';
import type { ClockStep } from '../payments/unknown/decide-clock-step.ts';

/** Events of a worker's work, for metrics and logs. */
export interface WorkerEvents extends SettlementEvents {
  claimed(claim: { readonly count: number; readonly durationMs: number }): void;
  claimFailed(error: unknown): void;
  leaseLost(paymentId: bigint): void;
  renewalFailed(error: unknown): void;
  rescued(paymentIds: readonly bigint[]): void;
  poisoned(paymentIds: readonly bigint[]): void;
  asked(asked: AskedPayment): void;
  /** Payments whose outcome the gateway has not reported for so long that a person must find out. */
  needReview(paymentIds: readonly bigint[]): void;
  /** The database's clock jumped or was not watched, so every wait that depends on time starts again. */
  clockUnsteady(step: Exclude<ClockStep, { kind: 'steady' }>): void;
  /**
   * A standby was promoted (`timeline`), or an earlier state of the database was restored: workers ask the gateway about waiting payments
   * first.
   */
  historyCut(by: 'timeline' | 'position'): void;
}
