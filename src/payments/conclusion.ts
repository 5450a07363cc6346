import type { NewDeadLetter } from '../queue/dead-letters.sql.ts';
import type { PostedPayment } from './payment-postings.ts';

/** How a payment leaves the queue, or an open inquiry: with a known outcome, or with none. */
export interface Conclusion {
  readonly payment: PostedPayment;
  readonly status: 'success' | 'failed' | 'unknown';
  readonly gatewayReference: string | null;
  /** Attempts to add to those that the payment already counts. */
  readonly attempts: number;
  readonly error: string | null;
  readonly deadLetter: Pick<NewDeadLetter, 'reason'> | null;
  /** For `unknown`: how long until the gateway is asked for the first time. */
  readonly firstInquiryMs: number;
}
