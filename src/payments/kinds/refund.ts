import type { PaymentKind } from './payment-kind.ts';

/**
 * Money of a deposit goes back to where it came from; the wallet pays it, less what it gets back of the deposit's fee, and holds that
 * from the moment it is accepted. `feeMinor` is what it gets back.
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
