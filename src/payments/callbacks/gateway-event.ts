import type { Difference } from '../../reconciliation/difference.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';

/** One event as the gateway sent and signed it. Amount and currency are as it wrote them. */
export interface GatewayEvent {
  readonly eventId: string;
  /** Our reference of the payment, as the gateway was given it. */
  readonly reference: string;
  readonly status: 'succeeded' | 'refused';
  readonly amount: string;
  readonly currency: string;
  /** The direction, where the gateway names it: `deposit`, `withdraw`, or a word that is neither. */
  readonly type: string | null;
  readonly gatewayReference: string | null;
  /** Another field says otherwise: it ends nothing, and says that the money may have moved. */
  readonly isContradictory?: boolean;
  /** Why it was refused, in the gateway's words. */
  readonly message: string | null;
}

/**
 * What came of an event. `concluded`: it ended the payment. `matched`: the payment had ended that way before.
 * `exception`: it differs from what is recorded, and a person has to look.
 */
export type EventResult = 'concluded' | 'matched' | 'exception';

export interface EndedPayment {
  readonly payment: RecordedPayment;
  /** It was in the queue and failed, so it has a dead letter now. */
  readonly hasNewDeadLetter: boolean;
}

export interface ProcessedEvent {
  readonly eventId: string;
  readonly reference: string;
  readonly paymentId: bigint | null;
  readonly status: GatewayEvent['status'];
  readonly result: EventResult;
  /** The payment that it ended, if it did. */
  readonly ended: EndedPayment | null;
  /** Differences that nobody had reported before. */
  readonly newDifferences: readonly Difference[];
}

export interface UnprocessedEvent {
  readonly eventId: string;
  readonly error: unknown;
}
