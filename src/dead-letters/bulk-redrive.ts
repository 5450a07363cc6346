import type { PaymentType } from '../payments/payment.ts';
import type { DeadLetterReason } from './letters/dead-letter-reasons.ts';

/** How many letters one request may name. */
export const MOST_NAMED_LETTERS = 1000;

/** Which open letters: those that are named, or all that match. */
export interface LetterFilter {
  /** Letters with any of these reasons. */
  readonly reasons?: readonly DeadLetterReason[] | null | undefined;
  readonly type?: PaymentType | null | undefined;
  readonly userId?: bigint | null | undefined;
  readonly letterIds?: readonly bigint[] | null | undefined;
}

/** `stopped`: somebody stopped it, and it may be resumed. */
export const BULK_REDRIVE_STATES = ['running', 'stopped', 'done'] as const;
export type BulkRedriveState = (typeof BULK_REDRIVE_STATES)[number];

/** A bulk redrive of dead letters and its progress. */
export interface BulkRedrive {
  readonly id: bigint;
  readonly state: BulkRedriveState;
  readonly filter: {
    readonly reasons: readonly DeadLetterReason[] | null;
    readonly type: PaymentType | null;
    readonly userId: bigint | null;
    readonly letterIds: readonly bigint[] | null;
  };
  readonly perSecond: number;
  /** How many dead letters matched at the start. */
  readonly totalCount: number;
  readonly redrivenCount: number;
  /** The wallet did not hold enough; the dead letters stay open. */
  readonly refusedCount: number;
  /** There is evidence that the money moved; the dead letters stay open for a person. */
  readonly withheldCount: number;
  /** Somebody else closed them in the meantime. */
  readonly skippedCount: number;
  /** An error stopped them, see the log; the dead letters stay open. */
  readonly failedCount: number;
  readonly lastLetterId: bigint;
  readonly doneLetterId: bigint;
  readonly requestedBy: string;
  readonly reason: string;
  readonly stoppedBy: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

/** How many letters have been processed, whatever the result. */
export function countHandled(redrive: BulkRedrive): number {
  const { redrivenCount, refusedCount, withheldCount, skippedCount, failedCount } = redrive;
  return redrivenCount + refusedCount + withheldCount + skippedCount + failedCount;
}

/** The results of a slice. */
export interface SliceCounts {
  readonly redriven: number;
  readonly refused: number;
  readonly withheld: number;
  readonly skipped: number;
  readonly failed: number;
}

/** The reason that is recorded in each letter. A worker that takes over recognizes by it the letters that this redrive has closed. */
export function letterReason({ id, reason }: Pick<BulkRedrive, 'id' | 'reason'>): string {
  return `bulk redrive ${id}: ${reason}`;
}
