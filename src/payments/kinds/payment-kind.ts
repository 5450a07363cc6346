import type { GatewayDirection } from '../../gateway/answers/named-facts.ts';

/** Amounts of one payment in minor units of its currency. */
export interface KindAmounts {
  readonly amountMinor: bigint;
  /** What the payment costs its user; for a refund, the part of the deposit's fee that they get back. */
  readonly feeMinor: bigint;
}

/** What a settled payment does to each account, credit-positive: the three sum to zero. */
export interface KindLegs {
  readonly walletMinor: bigint;
  readonly gatewayMinor: bigint;
  readonly feeMinor: bigint;
}

/** Everything that makes one kind of payment different from another. Pure. */
export interface PaymentKind {
  /** The noun for this kind of payment, for use in sentences. */
  readonly noun: string;
  /** The direction of the money, in the gateway's terms. */
  readonly direction: GatewayDirection;
  /** Whether its wallet must have enough when it is accepted, and holds that until its outcome is known. */
  readonly needsFunds: boolean;
  /** The amount that the wallet must have available and that is held. */
  neededMinor(amounts: KindAmounts): bigint;
  /** What is posted once the gateway has moved the money. */
  settledMinor(amounts: KindAmounts): KindLegs;
}
