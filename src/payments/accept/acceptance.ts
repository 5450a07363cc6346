import type { CommandOutcome } from '../../commands/command-outcome.ts';
import type { Executor } from '../../commands/create-executor.ts';
import type { NamedWallet } from '../../commands/named-wallet.ts';
import type { Unchargeable } from '../../fees/charge-fee.ts';
import type { IdempotencyClaim, KeyedResource, StoredResponse } from '../../idempotency/used-key.ts';
import type { StateRefusal } from '../../ledger/decide-wallet-state.ts';
import type { Money } from '../../money/money.ts';
import type { PaymentType } from '../payment.ts';

/** What a refund request contains besides its amount. */
export interface RefundTerms {
  /** A settled deposit of this user, in this currency. */
  readonly depositId: bigint;
  /** `rest`: refund whatever is left of the deposit, instead of the request's amount. */
  readonly wants: 'amount' | 'rest';
  readonly reason: string | null;
}

/** One validated payment request. Its amount is what was asked of us. */
export interface PaymentRequest extends Money {
  readonly userId: bigint;
  readonly type: PaymentType;
  /** Where it was asked for, which a refusal names. */
  readonly path: string;
  /** The wallet, if the request names it; without it, the user's wallet without a name in the currency. */
  readonly wallet?: NamedWallet | undefined;
  readonly idempotency: IdempotencyClaim | null;
  /** Only for a refund. */
  readonly refund?: RefundTerms | undefined;
  /** The trace that the request belongs to (W3C Trace Context). */
  readonly traceparent?: string | undefined;
}

/** The decision about one request, from which the stored response is rendered. */
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
    }
  | (StateRefusal & { readonly request: PaymentRequest });

/** Renders a decision as the answer that the client gets now and at every replay. Pure. */
export type RenderResponse = (decision: AcceptanceDecision) => StoredResponse;

/** The outcome of a request with no stored answer. */
export type AcceptanceResult =
  | {
      readonly kind: 'answered';
      readonly decided: AcceptanceDecision['kind'];
      /** What it is about: the payment, or the wallet whose state refuses it. */
      readonly resource: KeyedResource;
      readonly response: StoredResponse;
    }
  | { readonly kind: 'user_not_found' }
  /** The user exists but has no wallet in this currency. */
  | { readonly kind: 'wallet_not_found' }
  /** Nothing was written, and the key was not used: the fee may be another one later. */
  | Unchargeable
  /** The payment to refund is not a settled deposit. */
  | { readonly kind: 'deposit_not_settled' };

export type AcceptanceOutcome = CommandOutcome<AcceptanceResult>;
export type Acceptor = Executor<PaymentRequest, AcceptanceResult>;
