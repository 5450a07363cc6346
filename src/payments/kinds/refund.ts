import type { PaymentKind } from './payment-kind.ts';

/**
 * Money of a deposit goes back to where it came from. The wallet pays it, less the part of the deposit's fee that is given back
 * (`feeMinor`), and holds that amount from acceptance.
 */
export const refund: PaymentKind = {
  noun: 'refund',
  direction: 'withdraw',
  feeKind: null,
  walletIs: 'recipient',
  needsFunds: true,
  neededMinor: ({ amountMinor, feeMinor }) => amountMinor - feeMinor,
  // What is given back of the fee goes to whoever had paid it: it stays in the wallet, or goes out on top of the rest.
  askedMinor: ({ amountMinor, feeMinor, walletPaysFee }) =>
    walletPaysFee ? amountMinor : amountMinor - feeMinor,
  settledMinor: ({ amountMinor, feeMinor }) => ({
    walletMinor: -(amountMinor - feeMinor),
    gatewayMinor: amountMinor,
    feeMinor: -feeMinor,
  }),
};
