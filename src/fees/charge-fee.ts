import { MAX_AMOUNT_MINOR } from '../money/decimal-amount.ts';
import { computeFeeMinor } from '../money/fee.ts';
import type { Fee } from './fee.ts';

/** What each side of a movement of money has of it, in minor units. */
export interface Charge {
  readonly kind: 'charged';
  readonly feeMinor: bigint;
  /** What leaves the sender; for a deposit that is what the gateway is asked for. */
  readonly senderGivesMinor: bigint;
  /** What reaches the recipient; for a withdrawal that is what the gateway is asked for. */
  readonly recipientGetsMinor: bigint;
}

/** Why an amount cannot be charged for. Whoever asked may ask for another amount. */
export type Unchargeable =
  /** The recipient was to pay a fee that leaves less of the amount than there has to be: something, or of a deposit nothing. */
  | { readonly kind: 'fee_exceeds_amount'; readonly feeMinor: bigint; readonly leastLeftMinor: bigint }
  /** With the fee on top it is more than one payment may carry. */
  | { readonly kind: 'too_large_with_fee'; readonly feeMinor: bigint };

/**
 * Charges a fee for an amount. Pure. A sender's fee comes on top of the amount, a recipient's is taken out of it. What the gateway is asked
 * for is never nothing, and never more than a payment may carry. A deposit may come to nothing for its wallet, because a percentage of the
 * smallest amounts is rounded up to all of them.
 */
export function chargeFee(
  { kind, payer, terms }: Pick<Fee, 'kind' | 'payer' | 'terms'>,
  amountMinor: bigint,
): Charge | Unchargeable {
  const feeMinor = computeFeeMinor(amountMinor, terms);
  if (payer === 'sender') {
    const senderGivesMinor = amountMinor + feeMinor;
    if (kind === 'deposit' && senderGivesMinor > MAX_AMOUNT_MINOR)
      return { kind: 'too_large_with_fee', feeMinor };
    return { kind: 'charged', feeMinor, senderGivesMinor, recipientGetsMinor: amountMinor };
  }
  const leastLeftMinor = kind === 'deposit' ? 0n : 1n;
  const recipientGetsMinor = amountMinor - feeMinor;
  if (recipientGetsMinor < leastLeftMinor) return { kind: 'fee_exceeds_amount', feeMinor, leastLeftMinor };
  return { kind: 'charged', feeMinor, senderGivesMinor: amountMinor, recipientGetsMinor };
}
