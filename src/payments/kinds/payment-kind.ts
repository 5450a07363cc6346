import type { GatewayDirection } from '../../gateway/answers/named-facts.ts';

/** Amounts of one payment in minor units of its currency. */
export interface KindAmounts {
  readonly amountMinor: bigint;
  /** What the payment costs its user; for a refund, what they get back of the deposit's fee. */
  readonly feeMinor: bigint;
}

/** What a settled payment does to each account, credit-positive: the three sum to zero. */
export interface KindLegs {
  readonly walletMinor: bigint;
  readonly gatewayMinor: bigint;
  readonly feeMinor: bigint;
}

/** What makes one kind of payment different from another. Pure, and all there is to say about it. */
export interface PaymentKind {
  /** What a payment of this kind is called in the middle of a sentence. */
  readonly noun: string;
  /** Which way its money goes, as the gateway calls it. */
  readonly direction: GatewayDirection;
  /** Whether its wallet must have enough when it is accepted, and holds that until its outcome is known. */
  readonly needsFunds: boolean;
  /** What its wallet must have, and holds. */
  neededMinor(amounts: KindAmounts): bigint;
  /** What is posted once the gateway has moved the money. */
  settledMinor(amounts: KindAmounts): KindLegs;
}
