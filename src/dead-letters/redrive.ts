import type { StateRefusal } from '../ledger/decide-wallet-state.ts';
import type { ClaimedPayment } from '../payments/claimed-payment.ts';
import type { Evidence } from '../payments/evidence/evidence.ts';

export type RedriveOutcome =
  | {
      readonly kind: 'redriven';
      readonly paymentId: bigint;
      /** The evidence against it that was overridden. */
      readonly overridden: readonly Evidence[];
    }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_handled'; readonly action: string }
  /** There is evidence that the money moved. Nothing was done. */
  | { readonly kind: 'evidence'; readonly evidence: readonly Evidence[] }
  | {
      readonly kind: 'insufficient_funds';
      readonly neededMinor: bigint;
      readonly availableMinor: bigint;
      readonly currency: string;
    }
  /** The wallet of the payment lets nothing out, or nothing in. */
  | StateRefusal
  /** A refund, but other refunds have left less of its deposit than it needs. */
  | {
      readonly kind: 'refund_exceeds_deposit';
      readonly depositId: bigint;
      readonly leftMinor: bigint;
      readonly currency: string;
    };

export interface RedriveRequest {
  readonly id: bigint;
  readonly by: string;
  readonly reason: string | null;
  /** Only a person may set this, for one letter, and with a reason; the overridden evidence is stored with the letter. */
  readonly mayOverrideEvidence?: boolean;
}

/** A request with what never changes about the payment of its letter. */
export interface RedriveCommand extends RedriveRequest {
  readonly payment: Omit<ClaimedPayment, 'task'>;
}
