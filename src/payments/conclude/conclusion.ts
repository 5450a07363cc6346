import type { NewDeadLetter } from '../../dead-letters/letters/dead-letters.sql.ts';
import type { PostedPayment } from '../kinds/payment-postings.ts';

/** Why a payment can be known to have moved no money. */
export type FailureReason = Extract<NewDeadLetter['reason'], 'refused' | 'attempts_exhausted'>;

interface Ending {
  readonly payment: PostedPayment;
  /** Attempts to add to those that the payment already counts. */
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
  /** Why it goes to the dead letters; null where its letter is there already, from when its outcome was unknown. */
  readonly deadLetter: FailureReason | null;
}

/** Its money may have moved: the gateway is asked. */
export interface Unknown extends Ending {
  readonly status: 'unknown';
  readonly error: string;
  readonly deadLetter: Extract<NewDeadLetter['reason'], 'outcome_unknown' | 'poison'>;
  /** How long until the gateway is asked for the first time. */
  readonly firstInquiryMs: number;
}

/** How a payment leaves the queue, or an open inquiry: with a known outcome, or with none. */
export type Conclusion = Success | Failure | Unknown;
