import type { PaymentKind } from './payment-kind.ts';

/**
 * Money of a deposit goes back to where it came from. The wallet pays it, less the part of the deposit's fee that is given back
 * (`feeMinor`), and holds that amount from acceptance.
 */
export const refund: PaymentKind = {
  noun: 'refund',
  direction: 'withdraw',
  needsFunds: true,
  neededMinor: ({ amountMinor, feeMinor }) => amountMinor - feeMinor,
  settledMinor: ({ amountMinor, feeMinor }) => ({
    walletMinor: -(amountMinor - feeMinor),
    gatewayMinor: amountMinor,
    feeMinor: -feeMinor,
  }),
};
