import type { PaymentType } from '../../src/payments/payment.ts';
import type { Answer } from '../load/client-journal.ts';

/** One payment as the database has it; amounts in minor units. */
export interface PaymentRow {
  readonly id: bigint;
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly currency: string;
  readonly status: 'new' | 'success' | 'failed' | 'unknown';
  readonly reference: string;
  readonly redriveOf: bigint | null;
  /** The deposit that this refund gives back. */
  readonly refundOf: bigint | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** A task, or an inquiry, will go on with it. */
  readonly hasTask: boolean;
  readonly hasInquiry: boolean;
}

export interface AccountRow {
  readonly id: bigint;
  readonly userId: bigint | null;
  readonly kind: string;
  readonly currency: string;
  readonly postedMinor: bigint;
  readonly heldMinor: bigint;
  readonly floorMinor: bigint | null;
  readonly foldedBelow: bigint;
}

export interface EntryRow {
  readonly accountId: bigint;
  readonly transactionId: bigint;
  readonly amountMinor: bigint;
  readonly writtenByXid: bigint;
}

/** Money of a wallet that is reserved. */
export interface HoldRow {
  readonly userId: bigint;
  readonly accountId: bigint;
  readonly purpose: string;
  readonly subjectId: bigint;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** What was held for an order, and what became of it. */
export interface OrderHoldRow {
  readonly id: bigint;
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly amountMinor: bigint;
  readonly capturedMinor: bigint;
  readonly releasedMinor: bigint;
  readonly currency: string;
  readonly status: 'open' | 'captured' | 'released' | 'expired';
}

/** A step of a business event, with its entries. */
export interface LedgerStep {
  readonly id: bigint;
  readonly reference: string;
  readonly step: string;
  readonly createdAt: Date;
}

export interface AttemptRow {
  readonly paymentId: bigint;
  readonly runLease: bigint;
  readonly worker: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly outcome: string | null;
  readonly inquiry: string | null;
  readonly errorClass: string | null;
}

export interface DeadLetterRow {
  readonly paymentId: bigint;
  readonly reason: string;
  readonly createdAt: Date;
  readonly action: string | null;
  readonly actionAt: Date | null;
  readonly actionBy: string | null;
  readonly redrivenPaymentId: bigint | null;
}

/** Recorded evidence that the money of a payment moved. */
export interface EvidenceRow {
  readonly source: 'attempt' | 'callback' | 'inquiry' | 'exception' | 'book' | 'resolution';
  /** Whose it is, as far as it says: a payment, a reference, or both. */
  readonly paymentId: bigint | null;
  readonly reference: string | null;
  readonly what: string;
  /** null where the server does not know it any more. */
  readonly committedAt: Date | null;
}

/** What a person decided about a payment whose outcome the gateway did not tell. */
export interface ResolutionRow {
  readonly paymentId: bigint;
  readonly outcome: 'executed' | 'not_executed';
  readonly by: string;
  readonly createdAt: Date;
}

export interface GatewayEventRow {
  readonly eventId: string;
  readonly reference: string;
  readonly status: string;
}

/** A callback that an API answered with 2xx, as the one who passed it on saw it. */
export interface TakenCallback {
  readonly eventId: string;
  readonly reference: string;
  readonly status: string;
  readonly answeredAt: Date;
}

export interface KeyRow {
  readonly userId: bigint;
  readonly key: string;
  readonly paymentId: bigint;
}

/** What the gateway says it carried out. */
export interface BookEntry {
  readonly reference: string;
  readonly paymentId: bigint;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly executedAt: Date;
}

export interface BookTotal {
  readonly currency: string;
  readonly count: number;
  readonly depositsMinor: bigint;
  readonly withdrawalsMinor: bigint;
}

/** A request as it reached the gateway, or a word of the gateway about the money of a payment. */
export interface GatewayCall {
  readonly reference: string;
  readonly at: Date;
  readonly kind: 'pay' | 'inquiry' | 'answer' | 'callback';
  /** What it did with a send, said to an inquiry, or said in its answer or callback: `misreported` where that was not so. */
  readonly result: string;
}

/** A terminal status that somebody saw while the run went on. */
export interface SeenEnding {
  readonly paymentId: bigint;
  readonly status: 'success' | 'failed';
  readonly seenBy: 'database' | 'api';
}

/** What is left to do: payments in the queue, payments of unknown outcome, and orders to redrive many. */
export interface OpenWork {
  readonly tasks: number;
  readonly inquiries: number;
  readonly orders: number;
}

/** Everything there is to know about a run once it is quiet; the checks read nothing else. */
export interface World {
  readonly answers: readonly Answer[];
  readonly openingMinor: ReadonlyMap<bigint, bigint>;
  readonly payments: readonly PaymentRow[];
  readonly accounts: readonly AccountRow[];
  readonly holds: readonly HoldRow[];
  readonly orderHolds: readonly OrderHoldRow[];
  readonly steps: readonly LedgerStep[];
  readonly entries: readonly EntryRow[];
  readonly attempts: readonly AttemptRow[];
  readonly deadLetters: readonly DeadLetterRow[];
  readonly evidence: readonly EvidenceRow[];
  readonly resolutions: readonly ResolutionRow[];
  readonly events: readonly GatewayEventRow[];
  readonly takenCallbacks: readonly TakenCallback[];
  readonly keys: readonly KeyRow[];
  readonly book: readonly BookEntry[];
  readonly bookTotals: readonly BookTotal[];
  readonly calls: readonly GatewayCall[];
  readonly seenEndings: readonly SeenEnding[];
  /** Wallets that were seen below their floor while the run went on. */
  readonly seenOverdrafts: readonly string[];
}

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I15';

/** An invariant that does not hold, with what shows it. */
export interface Violation {
  readonly invariant: Invariant;
  /** The payment to tell the story of, where there is one. */
  readonly paymentId: bigint | null;
  readonly detail: string;
}
