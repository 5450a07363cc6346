import type { CommandOutcome } from '../../commands/command-outcome.ts';
import type { Executor } from '../../commands/create-executor.ts';
import type { IdempotencyClaim, StoredResponse } from '../../idempotency/used-key.ts';
import type { Money } from '../../money/money.ts';
import type { PaymentType } from '../payment.ts';

/** What a request for a refund says beside its amount. */
export interface RefundTerms {
  /** A settled deposit of this user, in this currency. */
  readonly depositId: bigint;
  /** `rest`: whatever is left of the deposit, in place of the request's amount. */
  readonly wants: 'amount' | 'rest';
  readonly reason: string | null;
}

/** One validated request for a payment of so much money. */
export interface PaymentRequest extends Money {
  readonly userId: bigint;
  readonly type: PaymentType;
  readonly idempotency: IdempotencyClaim | null;
  /** Of a refund, and of nothing else. */
  readonly refund?: RefundTerms | undefined;
}

/** What became of one request, once the decision is made: the input of the response that is stored. */
export type AcceptanceDecision =
  | { readonly kind: 'accepted'; readonly paymentId: bigint; readonly request: PaymentRequest }
  | {
      readonly kind: 'insufficient_funds';
      readonly paymentId: bigint;
      readonly request: PaymentRequest;
      /** What the payment would have held. */
      readonly neededMinor: bigint;
      readonly availableMinor: bigint;
    }
  | {
      readonly kind: 'refund_exceeds_deposit';
      /** The deposit. */
      readonly paymentId: bigint;
      readonly request: PaymentRequest;
      /** What can still be given back. */
      readonly leftMinor: bigint;
    };

/** Turns a decision into the answer that the client gets now and on every replay. Pure. */
export type RenderResponse = (decision: AcceptanceDecision) => StoredResponse;

/** What a request comes to that nothing was decided about before. */
export type AcceptanceResult =
  | {
      readonly kind: 'answered';
      readonly decided: AcceptanceDecision['kind'];
      readonly paymentId: bigint;
      readonly response: StoredResponse;
    }
  | { readonly kind: 'user_not_found' }
  /** The user exists but has no wallet in this currency. */
  | { readonly kind: 'wallet_not_found' }
  /** What a refund was to give back is no settled deposit. */
  | { readonly kind: 'deposit_not_settled' };

export type AcceptanceOutcome = CommandOutcome<AcceptanceResult>;
export type Acceptor = Executor<PaymentRequest, AcceptanceResult>;
