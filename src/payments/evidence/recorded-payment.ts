import type { ToldPayment } from '../payment-events.ts';

/** A payment as recorded, for comparison with what the gateway says about it. */
export interface RecordedPayment extends ToldPayment {
  readonly reference: string;
  readonly status: 'new' | 'unknown' | 'success' | 'failed';
  readonly gatewayReference: string | null;
  /** When it was accepted. */
  readonly createdAt: Date;
  /** Whether some call for it was answered with success; if the payment is open, that answer came too late to be settled. */
  readonly hasSucceededAttempt: boolean;
}

export function isConcluded({ status }: Pick<RecordedPayment, 'status'>): boolean {
  return status === 'success' || status === 'failed';
}
