import type { Tally } from '../../commands/tally.ts';

/** A settled deposit, which never changes again, and what has been refunded of it. */
export interface RefundedDeposit {
  readonly paymentId: bigint;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  /** The sum of its refunds that have not failed: settled, in progress, or of unknown outcome. */
  readonly refundedMinor: bigint;
  /** What these refunds give back of its fee. */
  readonly refundedFeeMinor: bigint;
}

/** How much of the deposit's fee goes back: the amount's share, nothing, or the same as in an earlier, failed refund. */
export type WantedFee = 'share' | 'none' | { readonly feeMinor: bigint };

export type RefundDecision =
  | { readonly kind: 'fits'; readonly amountMinor: bigint; readonly feeMinor: bigint }
  | { readonly kind: 'refund_exceeds_deposit'; readonly leftMinor: bigint };

/**
 * Decides how much a refund gives back, based on what earlier refunds have left of the deposit. Pure; `takeRefund` records it. The fee's
 * share is computed on the total refunded so far, rounded down, so that partial refunds together give back exactly what one full refund
 * would.
 */
export function decideRefund(
  wanted: { readonly amountMinor: bigint | 'rest'; readonly fee: WantedFee },
  deposit: RefundedDeposit,
  tally: Tally,
): RefundDecision {
  const names = namesOf(deposit.paymentId);
  const takenMinor = deposit.refundedMinor + tally.taken(names.amount);
  const takenFeeMinor = deposit.refundedFeeMinor + tally.taken(names.fee);
  const leftMinor = deposit.amountMinor - takenMinor;
  const amountMinor = wanted.amountMinor === 'rest' ? leftMinor : wanted.amountMinor;
  if (amountMinor <= 0n || amountMinor > leftMinor) return { kind: 'refund_exceeds_deposit', leftMinor };

  // If refunds have failed in the meantime, the share can be more than the amount, or negative.
  const mostMinor = least(amountMinor, deposit.feeMinor - takenFeeMinor);
  const shareMinor = (deposit.feeMinor * (takenMinor + amountMinor)) / deposit.amountMinor - takenFeeMinor;
  const feeMinor = least(wantedFeeMinor(wanted.fee, shareMinor), mostMinor);
  return { kind: 'fits', amountMinor, feeMinor: feeMinor < 0n ? 0n : feeMinor };
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

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
