import type { EvidenceStatement } from '../payments/evidence/evidence.ts';
import type { PaymentType } from '../payments/payment.ts';
import type { DeadLetterReason } from './letters/dead-letter-reasons.ts';

/** What is done about a dead letter. */
export const LETTER_ACTIONS = ['redriven', 'discarded', 'resolved'] as const;
export type LetterAction = (typeof LETTER_ACTIONS)[number];

/** A payment that left the queue without success, and how an operator dealt with it. */
export interface DeadLetter {
  readonly id: bigint;
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly type: PaymentType;
  /** What was asked of us. */
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly walletPaysFee: boolean;
  readonly currency: string;
  readonly reason: DeadLetterReason;
  readonly error: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
  /** null while the letter is open. `resolved`: it turned out later that the payment had succeeded. */
  readonly action: LetterAction | null;
  readonly actionAt: Date | null;
  readonly actionBy: string | null;
  readonly actionReason: string | null;
  /** The payment that continues: a new one for a failed payment, the same one for an unknown outcome. */
  readonly redrivenPaymentId: bigint | null;
  /** The evidence that the money moved, if an operator overrode it. */
  readonly overriddenEvidence: readonly EvidenceStatement[] | null;
}
