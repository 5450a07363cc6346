import { type InquiryWord, RUN_OUTCOMES } from '../queue/task.ts';
import type { PaymentType } from './kinds/payment-kinds.ts';

export type { PaymentType } from './kinds/payment-kinds.ts';

/**
 * The status that readers see. `processing`: accepted, and in the queue or with a worker; this is the answer to the request itself.
 * `unknown`: the money may have moved, and we keep asking. `success` and `failed` are terminal.
 */
export const PAYMENT_STATUSES = ['processing', 'success', 'failed', 'unknown'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** The state of the money: untouched, held, posted, or released. */
export const TRANSACTION_STATUSES = ['none', 'held', 'posted', 'voided'] as const;
export type TransactionStatus = (typeof TRANSACTION_STATUSES)[number];

/** One payment, as readers see it; amounts in minor units of `currency`. */
export interface Payment {
  readonly paymentId: bigint;
  readonly userId: bigint;
  /** Where the money comes to, or from. */
  readonly walletId: bigint;
  readonly type: PaymentType;
  /** What was asked of us. */
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly walletPaysFee: boolean;
  /** What the gateway is asked to move: with the fee, or less it, if the other side pays it. */
  readonly gatewayAmountMinor: bigint;
  readonly currency: string;
  readonly status: PaymentStatus;
  readonly transactionStatus: TransactionStatus;
  /** Attempts that ended with an answer, a timeout or an error. */
  readonly attempts: number;
  readonly lastError: string | null;
  readonly gatewayReference: string | null;
  /** Whether the outcome has been unknown for so long that a person must find out. */
  readonly needsReview: boolean;
  /** The payment that was redriven as this one. */
  readonly redriveOf: bigint | null;
  /** The deposit that it gives back, when it is a refund, and why if somebody said. */
  readonly refundOf: bigint | null;
  readonly refundReason: string | null;
  /** The name of the gateway that it goes to. */
  readonly gateway: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** `not_sent`: it ended before a call was made. `abandoned`: it never told what came of its call. */
export const ATTEMPT_OUTCOMES = [...RUN_OUTCOMES, 'not_sent', 'abandoned'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** One run of a payment's task, newest last. `outcome` is null while the call may be in progress. */
export interface PaymentAttempt {
  readonly attempt: number;
  readonly runLease: bigint;
  readonly worker: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly outcome: AttemptOutcome | null;
  /** The gateway's answer to an inquiry about an earlier call, if there was one. */
  readonly inquiry: InquiryWord | null;
  readonly httpStatus: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly latencyMs: number | null;
}
