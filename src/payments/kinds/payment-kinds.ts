import type { FeePayer } from '../../fees/fee.ts';
import { deposit } from './deposit.ts';
import type { PaymentKind } from './payment-kind.ts';
import { refund } from './refund.ts';
import { withdrawal } from './withdrawal.ts';

/** Every kind of payment, by its type in rows and answers. */
const PAYMENT_KINDS = {
  deposit,
  withdraw: withdrawal,
  refund,
} as const satisfies Record<string, PaymentKind>;

export type PaymentType = keyof typeof PAYMENT_KINDS;

export const PAYMENT_TYPES = Object.keys(PAYMENT_KINDS) as [PaymentType, ...PaymentType[]];

/** Who pays the fee of a payment, or paid it where a refund gives it back, as clients are told. */
export function feePayerOf({
  type,
  walletPaysFee,
}: {
  readonly type: PaymentType;
  readonly walletPaysFee: boolean;
}): FeePayer {
  const { walletIs } = PAYMENT_KINDS[type];
  if (walletPaysFee) return walletIs;
  return walletIs === 'sender' ? 'recipient' : 'sender';
}

export function kindOf(type: PaymentType): PaymentKind {
  return PAYMENT_KINDS[type];
}
