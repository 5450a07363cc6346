import type { NamedFacts, ToldFacts } from '../answers/named-facts.ts';

/** One payment, as we describe it to the gateway. */
export interface PaymentInstruction extends ToldFacts {
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly feeMinor: bigint;
  /** Our reference for the deposit that a refund gives back. */
  readonly refundOfReference?: string | null;
}

/** Why a call did not succeed, in a form for a log, a metric label (`errorClass`) and a database row. */
export interface GatewayFailure {
  /** Bounded set, safe as a metric label: `timeout`, `reset`, `http_5xx`, `refused_connection`, ... */
  readonly errorClass: string;
  /** For people; at most 300 characters, never a secret. */
  readonly message: string;
  readonly httpStatus: number | null;
}

/**
 * What a send tells us about the money. A definite answer carries the facts that it states, for comparison with the payment; `named` is
 * missing if it states none. `refused` and `not_executed` are definite: no money moved. `unknown` means that it may have moved, and nothing
 * else.
 */
export type PayOutcome =
  | {
      readonly kind: 'succeeded';
      readonly gatewayReference: string | null;
      readonly named?: NamedFacts;
      readonly httpStatus: number;
    }
  | ({ readonly kind: 'refused'; readonly named?: NamedFacts } & GatewayFailure)
  | ({ readonly kind: 'not_executed'; readonly retryAfterMs: number | null } & GatewayFailure)
  | ({ readonly kind: 'unknown'; readonly retryAfterMs: number | null } & GatewayFailure);

/** The gateway's answer to an inquiry by our reference. */
export type InquiryOutcome =
  | {
      readonly kind: 'succeeded';
      readonly gatewayReference: string | null;
      readonly named?: NamedFacts;
    }
  | ({ readonly kind: 'refused'; readonly named?: NamedFacts } & GatewayFailure)
  | { readonly kind: 'not_found' }
  | ({ readonly kind: 'unknown'; readonly retryAfterMs?: number | null } & GatewayFailure);

/** The port to a payment gateway. Neither method throws because of the gateway or the network; both end within their deadline. */
export interface PaymentGateway {
  /** Asks the gateway to move the money. Safe to repeat with the same reference. */
  pay(instruction: PaymentInstruction, signal?: AbortSignal): Promise<PayOutcome>;
  /** Asks for the outcome of a payment; moves no money. */
  inquire(reference: string, signal?: AbortSignal): Promise<InquiryOutcome>;
  close(): void;
}
