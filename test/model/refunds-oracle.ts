import type { ModelPayment, ModelState } from './state.ts';

/** Whether the wallet of a deposit paid its fee, and not whoever made the deposit. */
export const isFeeOfWallet = ({ payer }: Pick<ModelPayment, 'payer'>) => payer === 'recipient';

/** What a refund comes to. The part of the fee that it gives back stays in the wallet, or goes out on top, to whoever had paid it. */
export function sizeOfRefund(deposit: Pick<ModelPayment, 'payer'>, amount: bigint, fee: bigint) {
  const { payer } = deposit;
  return isFeeOfWallet(deposit)
    ? { fee, payer, ofWallet: amount - fee, ofGateway: amount }
    : { fee, payer, ofWallet: amount, ofGateway: amount + fee };
}

/** What is left of deposits once some of them was given back. */
export function createRefundsOracle({ payments }: Pick<ModelState, 'payments'>) {
  /** What was given back of a deposit, or may have been. */
  function givenBack({ id }: ModelPayment) {
    const refunds = [...payments.values()].filter(
      ({ refundOf, status }) => refundOf === id && status !== 'failed',
    );
    return {
      amount: refunds.reduce((sum, { amount }) => sum + amount, 0n),
      fee: refunds.reduce((sum, { fee }) => sum + fee, 0n),
    };
  }

  return {
    leftOf: (deposit: ModelPayment) => deposit.amount - givenBack(deposit).amount,
    feeLeftOf: (deposit: ModelPayment) => deposit.fee - givenBack(deposit).fee,
    /** What goes back of a deposit's fee with so much of it: the share of all that was given back then, less what was before. */
    feeBack(deposit: ModelPayment, amount: bigint): bigint {
      const given = givenBack(deposit);
      const share = (deposit.fee * (given.amount + amount)) / deposit.amount - given.fee;
      const limits = [share, deposit.fee - given.fee, ...(isFeeOfWallet(deposit) ? [amount] : [])];
      const least = limits.reduce((a, b) => (a < b ? a : b));
      return least < 0n ? 0n : least;
    },
  };
}
