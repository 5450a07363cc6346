import type { PaymentType } from './kinds/payment-kinds.ts';

export type { PaymentType } from './kinds/payment-kinds.ts';

/**
 * What a reader sees. `processing`: accepted, and in the queue or with a worker; what is answered to the request itself.
 * `unknown`: the money may have moved and we go on asking. `success` and `failed` are terminal.
 */
export type PaymentStatus = 'processing' | 'success' | 'failed' | 'unknown';

/** Where the money stands: nothing was done with it yet, it is held, posted, or released again. */
export type TransactionStatus = 'none' | 'held' | 'posted' | 'voided';

/** One payment as it is read; amounts in minor units of `currency`. */
export interface Payment {
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly currency: string;
  readonly status: PaymentStatus;
  readonly transactionStatus: TransactionStatus;
  /** Attempts that ended with an answer, a timeout or an error. */
  readonly attempts: number;
  readonly lastError: string | null;
  readonly gatewayReference: string | null;
  /** Whether the outcome has been unknown for so long that a person must find out. */
  readonly needsReview: boolean;
  /** The payment that this one was made from, when an operator redrove a dead letter. */
  readonly redriveOf: bigint | null;
  /** The deposit that it gives back, when it is a refund, and why if somebody said. */
  readonly refundOf: bigint | null;
  readonly refundReason: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** One run of a payment's task, newest last. `outcome` is null while the call may be under way. */
export interface PaymentAttempt {
  readonly attempt: number;
  readonly runLease: bigint;
  readonly worker: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly outcome: 'succeeded' | 'refused' | 'not_executed' | 'unknown' | 'not_sent' | 'abandoned' | null;
  /** What the gateway said when it was asked about an earlier call, if it was. */
  readonly inquiry: 'succeeded' | 'refused' | 'not_found' | 'unknown' | null;
  readonly httpStatus: number | null;
  readonly errorClass: string | null;
  readonly error: string | null;
  readonly latencyMs: number | null;
}
