import type { Hold } from '../../holds/hold.ts';
import type { Leg, Posting } from '../../ledger/posting.ts';
import type { SystemAccounts } from '../../ledger/system-accounts.ts';
import type { Money } from '../../money/money.ts';
import type { PaymentType } from '../payment.ts';
import { kindOf } from './payment-kinds.ts';

/** What holding and posting need to know about a payment. */
export interface PostedPayment extends Money {
  readonly paymentId: bigint;
  readonly userId: bigint;
  readonly walletId: bigint;
  readonly type: PaymentType;
  readonly feeMinor: bigint;
}

/** The hold of a payment from its acceptance until its outcome is known; undefined for a kind that holds nothing. */
export function holdOf(payment: PostedPayment): Hold | undefined {
  const neededMinor = kindOf(payment.type).neededMinor(payment);
  if (neededMinor === 0n) return undefined;
  const { paymentId, userId, walletId, currency } = payment;
  return {
    userId,
    accountId: walletId,
    purpose: 'payment',
    subjectId: paymentId,
    amountMinor: neededMinor,
    currency,
    // Keep the hold for as long as the money may have moved, however long that takes.
    expiresAt: null,
  };
}

/** The gateway moved the money. */
export function settlePosting(payment: PostedPayment, accounts: SystemAccounts): Posting {
  const { paymentId, userId, walletId, type, currency } = payment;
  const { walletMinor, gatewayMinor, feeMinor } = kindOf(type).settledMinor(payment);
  const legs: Leg[] = [
    { accountId: accounts.gateway, balance: 'folded', amountMinor: gatewayMinor, currency },
    { accountId: walletId, balance: 'kept', amountMinor: walletMinor, currency },
    { accountId: accounts.fee, balance: 'folded', amountMinor: feeMinor, currency },
  ];
  return { reference: `payment:${paymentId}`, step: 'settle', userId, legs };
}
