import type { PaymentType } from '../../src/payments/payment.ts';
import type { Answer, CommandAnswer } from '../load/client-journal.ts';
import type { FeePayer, FeeRow } from './world-fees.ts';

/** One payment as the database has it; amounts in minor units. */
export interface PaymentRow {
  readonly id: bigint;
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly type: PaymentType;
  /** What the gateway is asked to move. */
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  /** Or else whoever is at the other side of the gateway pays it. */
  readonly walletPaysFee: boolean;
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
  /** Empty for the wallet without one, and for accounts of the system. */
  readonly name: string;
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
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly resolvedAt: Date | null;
}

export interface TransferRow {
  readonly id: bigint;
  readonly userId: bigint;
  readonly fromWalletId: bigint;
  readonly toWalletId: bigint;
  /** What was asked for. */
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly feePayer: FeePayer;
  readonly currency: string;
  readonly createdAt: Date;
}

/** What was offered to a user; a conversion once it was used. */
export interface QuoteRow {
  readonly id: bigint;
  readonly token: string;
  readonly userId: bigint;
  readonly fromWalletId: bigint;
  readonly fromCurrency: string;
  readonly toCurrency: string;
  readonly fromMinor: bigint;
  readonly toMinor: bigint;
  readonly spreadMinor: bigint;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

/** What a key that no payment has was used for. */
export interface CommandKeyRow {
  readonly userId: bigint;
  readonly key: string;
  readonly kind: string;
  readonly resourceId: bigint;
  readonly status: number;
  /** null if the server no longer knows it. */
  readonly committedAt: Date | null;
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
  /** When its last change was committed; null if the server no longer knows it. */
  readonly committedAt: Date | null;
}

/** Recorded evidence that the money of a payment moved. */
export interface EvidenceRow {
  readonly source: 'attempt' | 'callback' | 'inquiry' | 'exception' | 'book' | 'resolution';
  /** What it is about, as far as it says: a payment, a reference, or both. */
  readonly paymentId: bigint | null;
  readonly reference: string | null;
  readonly what: string;
  /** null if the server no longer knows it. */
  readonly committedAt: Date | null;
}

/** A person's decision about a payment of unknown outcome. */
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

/** A callback that an API answered with 2xx, as the relay saw it. */
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
  /** null if the server no longer knows it. */
  readonly committedAt: Date | null;
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

/** A request that reached the gateway, or a statement of the gateway about a payment's money. */
export interface GatewayCall {
  readonly reference: string;
  readonly at: Date;
  readonly kind: 'pay' | 'inquiry' | 'answer' | 'callback';
  /** What it did with a send, or said in an answer, inquiry or callback; `misreported` if that was not true. */
  readonly result: string;
}

/** A final status that somebody saw during the run. */
export interface SeenEnding {
  readonly paymentId: bigint;
  readonly status: 'success' | 'failed';
  readonly seenBy: 'database' | 'api';
}

/** What is left to do: payments in the queue, payments of unknown outcome, bulk redrives, and holds whose time is over. */
export interface OpenWork {
  readonly tasks: number;
  readonly inquiries: number;
  readonly orders: number;
  readonly lateHolds: number;
}

/** Everything there is to know about a run once it is quiet; the checks read nothing else. */
export interface World {
  /** What clients heard about payments, and about everything else. */
  readonly answers: readonly Answer[];
  readonly commandAnswers: readonly CommandAnswer[];
  readonly openingMinor: ReadonlyMap<bigint, bigint>;
  readonly payments: readonly PaymentRow[];
  readonly accounts: readonly AccountRow[];
  readonly holds: readonly HoldRow[];
  readonly orderHolds: readonly OrderHoldRow[];
  readonly transfers: readonly TransferRow[];
  readonly fees: readonly FeeRow[];
  readonly quotes: readonly QuoteRow[];
  readonly steps: readonly LedgerStep[];
  readonly entries: readonly EntryRow[];
  readonly attempts: readonly AttemptRow[];
  readonly deadLetters: readonly DeadLetterRow[];
  readonly evidence: readonly EvidenceRow[];
  readonly resolutions: readonly ResolutionRow[];
  readonly events: readonly GatewayEventRow[];
  /** What our events say of each subject, by its name (`payment:42`): the last words of their types, in order. */
  readonly told: ReadonlyMap<string, string>;
  readonly takenCallbacks: readonly TakenCallback[];
  readonly keys: readonly KeyRow[];
  readonly commandKeys: readonly CommandKeyRow[];
  readonly book: readonly BookEntry[];
  readonly bookTotals: readonly BookTotal[];
  readonly calls: readonly GatewayCall[];
  readonly seenEndings: readonly SeenEnding[];
  /** Wallets that were seen below their floor during the run. */
  readonly seenOverdrafts: readonly string[];
}

export type Invariant =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I12'
  | 'I13'
  | 'I15';

/** An invariant that does not hold, with what shows it. */
export interface Violation {
  readonly invariant: Invariant;
  /** The payment to tell the story of, where there is one. */
  readonly paymentId: bigint | null;
  readonly detail: string;
}
