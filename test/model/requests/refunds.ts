import { decimal } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import { sizeOfRefund } from '../refunds-oracle.ts';
import type { ModelPayment } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  drawAmount,
  expectProblem,
  expectRefused,
  expectUnkept,
  headersOf,
  keyOf,
  pick,
} from './model-request.ts';
import { pay } from './payments.ts';

export interface RefundWish {
  readonly payment: number;
  /** Without one, all that is left. */
  readonly amount: number | null;
  readonly isAroundRest: boolean;
  readonly key: number | null;
}

/** A refund of some payment, which need not be a deposit, nor settled; a deposit instead where there is none. */
export function refund(wanted: RefundWish): Drawn {
  return (oracle, runName) => {
    const { amount } = wanted;
    const deposit = chooseDeposit(oracle, wanted.payment);
    if (!deposit)
      return pay({
        ...{ type: 'deposit', user: wanted.payment, currency: wanted.payment, amount: 500 + wanted.payment },
        ...{ isAroundBalance: false, isByWallet: false, key: wanted.key },
      })(oracle, runName);
    const { id, userId, currency } = deposit;
    const value =
      amount === null
        ? null
        : drawAmount({ amount, isAroundMost: wanted.isAroundRest, mostMinor: oracle.leftOf(deposit) });
    const key = keyOf(wanted);
    return {
      kind: 'refund',
      label: `refund of ${value ?? 'the rest'} of payment ${id}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post(
          `/api/v1/payments/${id}/refunds`,
          value === null ? {} : { amount: decimal(value, currency) },
          headersOf(key),
        ),
      judge(oracle, answer) {
        const deposit = oracle.payments.get(id) as ModelPayment;
        const request = `refund ${id} ${value ?? 'rest'}`;
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (deposit.type !== 'deposit' || deposit.status !== 'success') {
            const isOpen = deposit.type === 'deposit' && deposit.status !== 'failed';
            return expectUnkept(answer, 409, isOpen ? 'deposit-not-settled' : 'payment-not-refundable');
          }
          const left = oracle.leftOf(deposit);
          const amount = value ?? left;
          if (amount > left || amount === 0n) {
            expectProblem(answer, 422, 'refund-exceeds-deposit', { left: decimal(left, currency) });
            return 'kept';
          }
          const size = sizeOfRefund(deposit, amount, oracle.feeBack(deposit, amount));
          const needed = size.ofWallet;
          // Where all of it is the fee that the wallet gets back, nothing leaves the wallet.
          const refusal = needed === 0n ? oracle.refusesCredit(deposit) : oracle.refusesDebit(deposit);
          if (refusal) return expectRefused(answer, refusal, 'payment_id');
          const isTaken = needed <= oracle.available(deposit);
          if (isTaken)
            expect(answer).toMatchObject({
              status: 202,
              json: { refund: decimal(amount, currency), refund_of: id },
            });
          else expectProblem(answer, 422, 'insufficient-funds', { needed: decimal(needed, currency) });
          const { name } = deposit;
          const facts = { userId, currency, name, type: 'refund' as const, amount, ...size, refundOf: id };
          oracle.addPayment({ ...facts, id: answer.json.payment_id }, { isTaken });
          return 'kept';
        });
      },
    };
  };
}

/** Mostly a deposit that has settled and is not refunded yet. */
function chooseDeposit(oracle: Oracle, number: number): ModelPayment | undefined {
  const all = [...oracle.payments.values()];
  const refundable = all.filter(
    (payment) => payment.type === 'deposit' && payment.status === 'success' && oracle.leftOf(payment) > 0n,
  );
  const among = number % 6 === 0 ? all : refundable;
  return among.length === 0 ? undefined : pick(among, number);
}
