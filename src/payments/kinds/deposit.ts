import type { PaymentKind } from './payment-kind.ts';

/** Money comes in through the gateway; the wallet receives it less the fee. Nothing is held, so there is nothing to release. */
export const deposit: PaymentKind = {
  noun: 'deposit',
  direction: 'deposit',
  feeKind: 'deposit',
  walletIs: 'recipient',
  needsFunds: false,
  neededMinor: () => 0n,
  askedMinor: ({ amountMinor, feeMinor, walletPaysFee }) =>
    walletPaysFee ? amountMinor : amountMinor - feeMinor,
  settledMinor: ({ amountMinor, feeMinor }) => ({
    walletMinor: amountMinor - feeMinor,
    gatewayMinor: -amountMinor,
    feeMinor,
  }),
};
