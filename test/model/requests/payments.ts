import { decimal } from '../currencies.ts';
import type { Oracle } from '../oracle.ts';
import { feeOf } from '../payments-oracle.ts';
import type { ModelPayment } from '../state.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectProblem,
  expectUnkept,
  headersOf,
  judgeKeyed,
  pick,
} from './model-request.ts';
import { expectNoWallet } from './users.ts';

export interface PaymentWish {
  readonly type: 'deposit' | 'withdraw';
  readonly user: number;
  readonly currency: number;
  /** Minor units; for a withdrawal relative to what the wallet can just pay. */
  readonly amount: number;
  readonly isAroundBalance: boolean;
  readonly key: number | null;
}

/** The largest amount that is covered with its fee. */
function largestWithdrawal(available: bigint): bigint {
  let amount = (available * 1000n) / 1025n + 2n;
  while (amount > 0n && amount + feeOf(amount) > available) amount -= 1n;
  return amount;
}

export function pay(wanted: PaymentWish): Drawn {
  return (oracle) => {
    const { type } = wanted;
    const wallet = drawWallet(oracle, wanted);
    const { userId, currency } = wallet;
    const available = oracle.hasWallet(wallet) ? oracle.available(wallet) : 0n;
    const value = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance,
      mostMinor: largestWithdrawal(available),
    });
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    const field = type === 'deposit' ? 'deposit' : 'amount';
    return {
      kind: type,
      label: `${type} ${value} ${currency} of user ${userId}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post(
          `/api/v1/payments/${type}`,
          { user_id: userId, [field]: decimal(value, currency), currency },
          headersOf(key),
        ),
      judge(oracle, answer) {
        judgeKeyed(oracle, answer, { key, scope: userId, request: `${type} ${value} ${currency}` }, () => {
          if (!oracle.hasWallet(wallet)) return expectNoWallet(answer);
          const available = oracle.available(wallet);
          const needed = value + feeOf(value);
          const isTaken = type === 'deposit' || needed <= available;
          if (isTaken)
            expect(answer).toMatchObject({
              status: 202,
              json: { user_id: userId, status: 'processing', [type]: decimal(value, currency) },
            });
          else
            expectProblem(answer, 422, 'insufficient-funds', {
              needed: decimal(needed, currency),
              available: decimal(available, currency),
              currency,
            });
          oracle.addPayment({ ...wallet, id: answer.json.payment_id, type, amount: value }, { isTaken });
          return 'kept';
        });
      },
    };
  };
}

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
        ...{ isAroundBalance: false, key: wanted.key },
      })(oracle, runName);
    const { id, userId, currency } = deposit;
    const value =
      amount === null
        ? null
        : drawAmount({ amount, isAroundMost: wanted.isAroundRest, mostMinor: oracle.leftOf(deposit) });
    const key = wanted.key === null ? null : `key-${wanted.key}`;
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
          const fee = oracle.feeBack(deposit, amount);
          const isTaken = amount - fee <= oracle.available(deposit);
          if (isTaken)
            expect(answer).toMatchObject({
              status: 202,
              json: { refund: decimal(amount, currency), refund_of: id },
            });
          else expectProblem(answer, 422, 'insufficient-funds', { needed: decimal(amount - fee, currency) });
          const facts = { userId, currency, type: 'refund' as const, amount, fee, refundOf: id };
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
