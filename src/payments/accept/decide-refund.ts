import type { Tally } from '../../commands/tally.ts';

/** A settled deposit, of which nothing ever changes again, and what was given back of it. */
export interface RefundedDeposit {
  readonly paymentId: bigint;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  /** What its refunds come to that have not failed: settled, under way, or of unknown outcome. */
  readonly refundedMinor: bigint;
  /** What these give back of its fee. */
  readonly refundedFeeMinor: bigint;
}

/** How much of the deposit's fee goes back: the share that falls to the amount, nothing, or as much as a refund before it that failed. */
export type WantedFee = 'share' | 'none' | { readonly feeMinor: bigint };

export type RefundDecision =
  | { readonly kind: 'fits'; readonly amountMinor: bigint; readonly feeMinor: bigint }
  | { readonly kind: 'refund_exceeds_deposit'; readonly leftMinor: bigint };

/**
 * Decides how much a refund gives back, on what the refunds before it have left of the deposit. Pure; `takeRefund` takes it.
 * The fee goes back by what is refunded in all, rounded down, so that refunds in parts give back what one refund of the whole
 * would, to the minor unit.
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

  // Refunds that failed meanwhile leave a share that is more than the amount, or less than nothing.
  const mostMinor = least(amountMinor, deposit.feeMinor - takenFeeMinor);
  const shareMinor = (deposit.feeMinor * (takenMinor + amountMinor)) / deposit.amountMinor - takenFeeMinor;
  const feeMinor = least(wantedFeeMinor(wanted.fee, shareMinor), mostMinor);
  return { kind: 'fits', amountMinor, feeMinor: feeMinor < 0n ? 0n : feeMinor };
}

/** Leaves less to those that come after it in the batch. */
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
