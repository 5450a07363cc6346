import type { NewDeadLetter } from '../../dead-letters/letters/dead-letters.sql.ts';
import type { ToldPayment } from '../payment-events.ts';

/** Why it is certain that a payment moved no money. */
export type FailureReason = Extract<NewDeadLetter['reason'], 'refused' | 'attempts_exhausted'>;

interface Ending {
  readonly payment: ToldPayment;
  /** Attempts to add to the payment's count. */
  readonly attempts: number;
}

/** Its money moved. */
export interface Success extends Ending {
  readonly status: 'success';
  readonly gatewayReference: string | null;
}

/** Its money did not move, and will not. */
export interface Failure extends Ending {
  readonly status: 'failed';
  readonly error: string;
  /** Why it becomes a dead letter; null if it already has one, from when its outcome was unknown. */
  readonly deadLetter: FailureReason | null;
}

/** Its money may have moved, so the gateway will be asked. */
export interface Unknown extends Ending {
  readonly status: 'unknown';
  readonly error: string;
  readonly deadLetter: Extract<NewDeadLetter['reason'], 'outcome_unknown' | 'poison'>;
  /** How long until the gateway is asked for the first time. */
  readonly firstInquiryMs: number;
}

/** How a payment leaves the queue, or an open inquiry: with a known or an unknown outcome. */
export type Conclusion = Success | Failure | Unknown;
