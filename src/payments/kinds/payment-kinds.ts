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

export function kindOf(type: PaymentType): PaymentKind {
  return PAYMENT_KINDS[type];
}
