import type { Leg, Posting } from '../ledger/posting.ts';
import type { SystemAccounts } from '../ledger/system-accounts.ts';
import type { PaymentType } from './payment.ts';

/** What the postings of a payment need to know of it. */
export interface PostedPayment {
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly type: PaymentType;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
}

/** A user starts with money that comes from equity. */
export function openingPosting(
  user: { readonly userId: bigint; readonly walletId: bigint; readonly balanceMinor: bigint },
  accounts: SystemAccounts,
): Posting {
  return {
    reference: `user:${user.userId}`,
    step: 'open',
    userId: user.userId,
    legs: [
      { accountId: accounts.equity, balance: 'folded', layer: 'posted', amountMinor: -user.balanceMinor },
      { accountId: user.walletId, balance: 'kept', layer: 'posted', amountMinor: user.balanceMinor },
    ],
  };
}

/** A withdrawal that is accepted holds its amount and fee. */
export function holdPosting(payment: PostedPayment, accounts: SystemAccounts): Posting {
  return posting(payment, 'hold', withdrawalLegs(payment, accounts, 'pending', 1n));
}

/** The gateway moved the money. */
export function settlePosting(payment: PostedPayment, accounts: SystemAccounts): Posting {
  if (payment.type === 'deposit') return posting(payment, 'settle', depositLegs(payment, accounts));
  return posting(payment, 'settle', [
    ...withdrawalLegs(payment, accounts, 'pending', -1n),
    ...withdrawalLegs(payment, accounts, 'posted', 1n),
  ]);
}

/** The gateway did not move the money and will not: a hold is released. A deposit has nothing to release. */
export function voidPosting(payment: PostedPayment, accounts: SystemAccounts): Posting | undefined {
  if (payment.type === 'deposit') return undefined;
  return posting(payment, 'void', withdrawalLegs(payment, accounts, 'pending', -1n));
}

function posting({ paymentId, userId }: PostedPayment, step: string, legs: readonly Leg[]): Posting {
  return { reference: `payment:${paymentId}`, step, userId, legs };
}

function depositLegs({ walletId, amountMinor, feeMinor }: PostedPayment, accounts: SystemAccounts): Leg[] {
  return [
    { accountId: accounts.gateway, balance: 'folded', layer: 'posted', amountMinor: -amountMinor },
    { accountId: walletId, balance: 'kept', layer: 'posted', amountMinor: amountMinor - feeMinor },
    { accountId: accounts.fee, balance: 'folded', layer: 'posted', amountMinor: feeMinor },
  ];
}

function withdrawalLegs(
  { walletId, amountMinor, feeMinor }: PostedPayment,
  accounts: SystemAccounts,
  layer: Leg['layer'],
  sign: 1n | -1n,
): Leg[] {
  return [
    { accountId: walletId, balance: 'kept', layer, amountMinor: -sign * (amountMinor + feeMinor) },
    { accountId: accounts.gateway, balance: 'folded', layer, amountMinor: sign * amountMinor },
    { accountId: accounts.fee, balance: 'folded', layer, amountMinor: sign * feeMinor },
  ];
}
