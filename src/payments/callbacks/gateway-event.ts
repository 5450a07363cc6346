import type { Difference } from '../../reconciliation/difference.ts';
import type { RecordedPayment } from '../evidence/recorded-payment.ts';

/** What an event says of its payment. */
export const EVENT_STATUSES = ['succeeded', 'refused'] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

/** Names an event: the id that a gateway gave to it, and the gateway whose secret signed it. */
export interface EventKey {
  readonly eventId: string;
  readonly gateway: string;
}

/** An event's key as a key of maps and sets. No gateway's name has a space in it. */
export function nameOfEvent({ eventId, gateway }: EventKey): string {
  return `${gateway} ${eventId}`;
}

/** One event as the gateway sent and signed it, with amount and currency as it wrote them. */
export interface GatewayEvent extends EventKey {
  /** Our reference for the payment, as we gave it to the gateway. */
  readonly reference: string;
  readonly status: EventStatus;
  readonly amount: string;
  readonly currency: string;
  /** The direction, if the gateway names it: `deposit`, `withdraw`, or any other word. */
  readonly type: string | null;
  readonly gatewayReference: string | null;
  /** Another field contradicts the status: the event ends nothing, and is evidence that the money may have moved. */
  readonly isContradictory?: boolean;
  /** The gateway's reason for a refusal. */
  readonly message: string | null;
}

/**
 * The result of an event. `concluded`: it ended the payment. `matched`: the payment had already ended that way. `exception`: it differs
 * from what is recorded, and a person must look.
 */
export const EVENT_RESULTS = ['concluded', 'matched', 'exception'] as const;
export type EventResult = (typeof EVENT_RESULTS)[number];

/** What taking an event in came to. */
export const EVENT_RECEIPTS = ['stored', 'duplicate'] as const;
export type EventReceipt = (typeof EVENT_RECEIPTS)[number];

export interface EndedPayment {
  readonly payment: RecordedPayment;
  /** It was in the queue and failed, so it has a dead letter now. */
  readonly hasNewDeadLetter: boolean;
}

export interface ProcessedEvent extends EventKey {
  readonly reference: string;
  readonly paymentId: bigint | null;
  readonly status: GatewayEvent['status'];
  readonly result: EventResult;
  /** The payment that the event ended, if any. */
  readonly ended: EndedPayment | null;
  /** Differences that had not been reported before. */
  readonly newDifferences: readonly Difference[];
}

export interface UnprocessedEvent extends EventKey {
  readonly error: unknown;
}
