import type { Payment } from './answers.ts';

interface KindOnPages {
  /** The noun for this kind of payment, for use in sentences. */
  readonly noun: string;
  /** Whether the wallet's money is held until the outcome is known. */
  readonly holdsMoney: boolean;
  /** Whether the user gets the fee back, instead of paying it. */
  readonly givesFeeBack: boolean;
}

/** What the pages say differently for each kind of payment. A test compares it with the kinds themselves, which are not sent to the browser. */
export const PAYMENT_KINDS: Readonly<Record<Payment['type'], KindOnPages>> = {
  deposit: { noun: 'deposit', holdsMoney: false, givesFeeBack: false },
  withdraw: { noun: 'withdrawal', holdsMoney: true, givesFeeBack: false },
  refund: { noun: 'refund', holdsMoney: true, givesFeeBack: true },
};
