import type { ApiAnswer } from '../../support/api-server.ts';
import { decimal } from '../currencies.ts';
import { leftOfHold, type Oracle } from '../oracle.ts';
import type { ModelHold } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectNoWallet,
  expectProblem,
  expectRefused,
  headersOf,
  keyOf,
} from './model-request.ts';
import { nameOf } from './other-names.ts';

/** Orders of a user; few, so that they meet again. */
export const ORDERS = 8;

export interface HoldWish {
  readonly user: number;
  readonly order: number;
  readonly currency: number;
  readonly amount: number;
  readonly isAroundBalance: boolean;
  readonly key: number | null;
}

export function holdForOrder(wanted: HoldWish): Drawn {
  return (oracle) => {
    const wallet = drawWallet(oracle, wanted, { isMain: true });
    const { userId, currency } = wallet;
    const name = callUser(oracle, userId, wanted.order);
    const order = { userId, orderId: `order-${wanted.order}` };
    const amount = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance,
      mostMinor: oracle.hasWallet(wallet) ? oracle.available(wallet) : 0n,
    });
    const key = keyOf(wanted);
    return {
      kind: 'hold',
      label: `hold ${amount} ${currency} of user ${userId} for ${order.orderId}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post(
          `/api/v1/accounts/${name}/hold`,
          { order_id: order.orderId, amount: decimal(amount, currency), currency },
          headersOf(key),
        ),
      judge(oracle, answer) {
        const request = `hold ${order.orderId} ${amount} ${currency}`;
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (!oracle.hasWallet(wallet)) return expectNoWallet(answer);
          const found = oracle.findHold(order);
          if (found) {
            const isSame = found.amount === amount && found.currency === currency;
            if (isSame) expectHold(answer, 200, found);
            else expectProblem(answer, 409, 'order-held-differently', { hold: renderHold(found) });
            return 'kept';
          }
          const refusal = oracle.refusesDebit(wallet);
          if (refusal) return expectRefused(answer, refusal, 'currency');
          const available = oracle.available(wallet);
          if (amount > available) {
            expectProblem(answer, 422, 'hold-not-funded', { available: decimal(available, currency) });
            return 'kept';
          }
          expectHold(answer, 201, oracle.hold({ ...order, currency, amount }));
          return 'kept';
        });
      },
    };
  };
}

/** A user who has a UUID is called by it or by the number; it is the same request. */
export function callUser({ users }: Oracle, userId: number, number: number): string | number {
  const user = users.get(userId);
  return user && number % 2 === 0 ? nameOf(user) : userId;
}

export const hasEnded = ({ status, isOver }: ModelHold) => status !== 'open' || isOver;

export function expectHold(answer: ApiAnswer, status: number, hold: ModelHold): void {
  expect(answer).toMatchObject({ status, json: renderHold(hold) });
}

/** A hold as its client sees it. */
export function renderHold(hold: ModelHold) {
  const { userId, orderId, currency, amount, captured, released } = hold;
  const status = hold.status === 'open' && hold.isOver ? 'expiring' : hold.status;
  return {
    user_id: userId,
    order_id: orderId,
    currency,
    status,
    amount_minor: amount.toString(),
    captured_minor: captured.toString(),
    released_minor: released.toString(),
    remaining_minor: leftOfHold(hold).toString(),
  };
}
