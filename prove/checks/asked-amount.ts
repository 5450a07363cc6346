import type { PaymentRow } from '../world/world.ts';
import type { FeePayer } from '../world/world-fees.ts';

/**
 * What a client asked for, out of what the gateway is asked to move: where the other side of the gateway pays the fee, so much less than that of a
 * deposit or a refund, and so much more of a withdrawal.
 */
export function askedMinor({
  type,
  amountMinor,
  feeMinor,
  walletPaysFee,
}: Pick<PaymentRow, 'type' | 'amountMinor' | 'feeMinor' | 'walletPaysFee'>): bigint {
  if (walletPaysFee) return amountMinor;
  return type === 'withdraw' ? amountMinor + feeMinor : amountMinor - feeMinor;
}

/** Who pays the fee of a deposit or a withdrawal, whose wallet gets the money of the one and gives that of the other. */
export function payerOf({ type, walletPaysFee }: Pick<PaymentRow, 'type' | 'walletPaysFee'>): FeePayer {
  return (type === 'deposit') === walletPaysFee ? 'recipient' : 'sender';
}
