import type { Tally } from '../../commands/tally.ts';

/** A settled deposit, which never changes again, and what has been refunded of it. Its amounts are what the gateway moved. */
export interface RefundedDeposit {
  readonly paymentId: bigint;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  /** Whether its wallet paid the fee, and not whoever made the deposit, to whom it then goes back. */
  readonly walletPaysFee: boolean;
  /** Where it was carried out, and so are its refunds; null: at the gateway without a name. */
  readonly gatewayName: string | null;
  /** The sum of its refunds that have not failed: settled, in progress, or of unknown outcome. */
  readonly refundedMinor: bigint;
  /** What these refunds give back of its fee. */
  readonly refundedFeeMinor: bigint;
}

/** How much of the deposit's fee goes back: the amount's share, nothing, or the same as in an earlier, failed refund. */
export type WantedFee = 'share' | 'none' | { readonly feeMinor: bigint };

export type RefundDecision =
  /** `amountMinor` is what the gateway will be asked to give back. */
  | { readonly kind: 'fits'; readonly amountMinor: bigint; readonly feeMinor: bigint }
  /** `leftMinor` is what can still be asked for. */
  | { readonly kind: 'refund_exceeds_deposit'; readonly leftMinor: bigint };

/**
 * Decides how much a refund gives back, based on what earlier refunds have left of the deposit. Pure; `takeRefund` records it. The fee's
 * share is computed on the total refunded so far, rounded down, so that partial refunds together give back exactly what one full refund
 * would. If whoever made the deposit paid its fee, what goes back of it is on top of the amount that is asked for.
 */
export function decideRefund(
  /** In what is asked of us. */
  wanted: { readonly amountMinor: bigint | 'rest'; readonly fee: WantedFee },
  deposit: RefundedDeposit,
  tally: Tally,
): RefundDecision {
  const names = namesOf(deposit.paymentId);
  const takenFeeMinor = deposit.refundedFeeMinor + tally.taken(names.fee);
  const onTop = (feeMinor: bigint) => (deposit.walletPaysFee ? 0n : feeMinor);
  const takenMinor = deposit.refundedMinor + tally.taken(names.amount) - onTop(takenFeeMinor);
  const depositMinor = deposit.amountMinor - onTop(deposit.feeMinor);
  const leftMinor = depositMinor - takenMinor;
  const amountMinor = wanted.amountMinor === 'rest' ? leftMinor : wanted.amountMinor;
  if (amountMinor <= 0n || amountMinor > leftMinor) return { kind: 'refund_exceeds_deposit', leftMinor };

  // If refunds have failed in the meantime, the share can be more than the amount, or negative.
  const leftFeeMinor = deposit.feeMinor - takenFeeMinor;
  const mostMinor = deposit.walletPaysFee ? least(amountMinor, leftFeeMinor) : leftFeeMinor;
  const shareMinor = (deposit.feeMinor * (takenMinor + amountMinor)) / depositMinor - takenFeeMinor;
  const wantedMinor = wantedFeeMinor(wanted.fee, shareMinor);
  // An earlier refund may be sent again under its reference, so the gateway must be asked for the same amount.
  const mustBeSame = typeof wanted.fee === 'object' && !deposit.walletPaysFee;
  if (mustBeSame && wantedMinor > mostMinor) return { kind: 'refund_exceeds_deposit', leftMinor };
  const feeMinor = most(0n, least(wantedMinor, mostMinor));
  return { kind: 'fits', amountMinor: amountMinor + onTop(feeMinor), feeMinor };
}

/** Leaves less for later refunds of the batch. */
export function takeRefund(
  tally: Tally,
  {
    depositId,
    amountMinor,
    feeMinor,
  }: { readonly depositId: bigint; readonly amountMinor: bigint; readonly feeMinor: bigint },
): void {
  const names = namesOf(depositId);
  tally.take(names.amount, amountMinor);
  tally.take(names.fee, feeMinor);
}

function namesOf(depositId: bigint) {
  return { amount: `refunds of ${depositId}`, fee: `fees given back of ${depositId}` };
}

function wantedFeeMinor(fee: WantedFee, shareMinor: bigint): bigint {
  if (fee === 'none') return 0n;
  return fee === 'share' ? shareMinor : fee.feeMinor;
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
