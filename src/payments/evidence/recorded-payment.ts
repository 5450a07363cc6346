import type { PostedPayment } from '../kinds/payment-postings.ts';

/** A payment as it stands recorded, for comparison with what the gateway says of it. */
export interface RecordedPayment extends PostedPayment {
  readonly reference: string;
  readonly status: 'new' | 'unknown' | 'success' | 'failed';
  readonly gatewayReference: string | null;
  /** When it was accepted. */
  readonly createdAt: Date;
  /** Whether some call for it was answered with success; that answer came too late to be settled if the payment is open. */
  readonly hasSucceededAttempt: boolean;
}

export function isConcluded({ status }: Pick<RecordedPayment, 'status'>): boolean {
  return status === 'success' || status === 'failed';
}
