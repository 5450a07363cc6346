import type { IdempotencyClaim, StoredResponse } from '../idempotency/used-key.ts';
import type { Money } from '../money/money.ts';
import type { PaymentType } from './payment.ts';

/** One validated request for a payment of so much money. */
export interface PaymentRequest extends Money {
  readonly userId: bigint;
  readonly type: PaymentType;
  readonly idempotency: IdempotencyClaim | null;
}

/** What became of one request, once the decision is made: the input of the response that is stored. */
export type AcceptanceDecision =
  | { readonly kind: 'accepted'; readonly paymentId: bigint; readonly request: PaymentRequest }
  | {
      readonly kind: 'insufficient_funds';
      readonly paymentId: bigint;
      readonly request: PaymentRequest;
      /** What the withdrawal would have held: amount and fee. */
      readonly neededMinor: bigint;
      readonly availableMinor: bigint;
    };

/** Turns a decision into the answer that the client gets now and on every replay. Pure. */
export type RenderResponse = (decision: AcceptanceDecision) => StoredResponse;

/** What `accept` gives back for one request. */
export type AcceptanceOutcome =
  | {
      readonly kind: 'answered';
      readonly response: StoredResponse;
      readonly paymentId: bigint;
      readonly isReplay: boolean;
    }
  | { readonly kind: 'user_not_found' }
  /** The user exists but has no wallet in this currency. */
  | { readonly kind: 'wallet_not_found' }
  | { readonly kind: 'key_reused'; readonly resourceId: bigint }
  | { readonly kind: 'key_expired'; readonly resourceId: bigint }
  /** Another request with this key has been under way for long. Nothing was written. */
  | { readonly kind: 'key_in_use' };

/** The connection was lost while the write was being committed and could not be read back: it may have been written. */
export class AcceptanceOutcomeUnknown extends Error {
  override readonly name = 'AcceptanceOutcomeUnknown';
}
