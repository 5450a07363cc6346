import type { FeeKind, FeePayer } from '../../fees/fee.ts';
import type { GatewayDirection } from '../../gateway/answers/named-facts.ts';

/** Amounts of one payment in minor units of its currency. */
export interface KindAmounts {
  /** What the gateway moves. */
  readonly amountMinor: bigint;
  /** What the payment costs its user; for a refund, the part of the deposit's fee that they get back. */
  readonly feeMinor: bigint;
}

/** The same, with who pays the fee: the wallet, or whoever is at the other side of the gateway. */
export interface PaidAmounts extends KindAmounts {
  readonly walletPaysFee: boolean;
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
  /** What the schedule of fees calls it; null for a kind that is not charged. */
  readonly feeKind: FeeKind | null;
  /** Which side of the payment the wallet is; of a refund, which side it was of the deposit, whose fee goes back. */
  readonly walletIs: FeePayer;
  /** Whether its wallet must have enough when it is accepted, and holds that until its outcome is known. */
  readonly needsFunds: boolean;
  /** The amount that the wallet must have available and that is held. */
  neededMinor(amounts: KindAmounts): bigint;
  /**
   * What was asked of us, out of what the gateway moves: the same if the wallet pays the fee. If the other side does, the gateway is asked for
   * so much more of a deposit, and so much less of a withdrawal.
   */
  askedMinor(amounts: PaidAmounts): bigint;
  /** What is posted once the gateway has moved the money. */
  settledMinor(amounts: KindAmounts): KindLegs;
}
