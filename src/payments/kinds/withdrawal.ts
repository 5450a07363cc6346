import type { PaymentKind } from './payment-kind.ts';

/** Money goes out through the gateway; the wallet pays it and the fee, and holds both from acceptance. */
export const withdrawal: PaymentKind = {
  noun: 'withdrawal',
  direction: 'withdraw',
  feeKind: 'withdrawal',
  walletIs: 'sender',
  needsFunds: true,
  neededMinor: ({ amountMinor, feeMinor }) => amountMinor + feeMinor,
  askedMinor: ({ amountMinor, feeMinor, walletPaysFee }) =>
    walletPaysFee ? amountMinor : amountMinor + feeMinor,
  settledMinor: ({ amountMinor, feeMinor }) => ({
    walletMinor: -(amountMinor + feeMinor),
    gatewayMinor: amountMinor,
    feeMinor,
  }),
};
