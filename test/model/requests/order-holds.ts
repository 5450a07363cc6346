import type { ApiAnswer } from '../../support/api-server.ts';
import { decimal } from '../currencies.ts';
import { leftOfHold, type Oracle } from '../oracle.ts';
import { type ModelHold, type WalletName, walletKey } from '../state.ts';
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
  sayWallet,
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
    const wallet = drawWallet(oracle, wanted);
    const { userId, currency } = wallet;
    const way = chooseWay(oracle, wallet, wanted.amount);
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
      label: `hold ${amount} ${sayWallet(wallet)} (${way}) for ${order.orderId}, key ${key}`,
      key,
      async send(real) {
        const body = { order_id: order.orderId, amount: decimal(amount, currency), currency };
        const id = await real.walletIdOf(wallet);
        const path = way === 'by wallet' ? `/api/v1/wallets/${id}/hold` : `/api/v1/accounts/${name}/hold`;
        const named = way === 'wallet in body' ? { wallet_id: id } : {};
        return await real.api.post(path, { ...body, ...named }, headersOf(key));
      },
      judge(oracle, answer) {
        // A wallet without a name is the same whether it is named by its id or not, but another path is another request.
        const of = way === 'by wallet' ? `by ${walletKey(wallet)}` : (wallet.name ?? '');
        const request = `hold ${order.orderId} ${amount} ${currency} ${of}`;
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (!oracle.hasWallet(wallet)) return expectNoWallet(answer);
          const found = oracle.findHold(order);
          if (found) {
            const isSame = found.amount === amount && walletKey(found) === walletKey(wallet);
            if (isSame) expectHold(answer, 200, found);
            else expectProblem(answer, 409, 'order-held-differently', { hold: renderHold(found) });
            return 'kept';
          }
          const refusal = oracle.refusesDebit(wallet);
          if (refusal) return expectRefused(answer, refusal, way === 'by user' ? 'currency' : 'wallet_id');
          const available = oracle.available(wallet);
          if (amount > available) {
            expectProblem(answer, 422, 'hold-not-funded', { available: decimal(available, currency) });
            return 'kept';
          }
          expectHold(answer, 201, oracle.hold({ ...order, currency, name: wallet.name, amount }));
          return 'kept';
        });
      },
    };
  };
}

/** How a request says of which wallet it is: one without a name need not be named. */
function chooseWay(
  oracle: Oracle,
  wallet: WalletName,
  number: number,
): 'by user' | 'wallet in body' | 'by wallet' {
  if (!oracle.hasWallet(wallet) || (wallet.name === undefined && number % 2 === 0)) return 'by user';
  return number % 3 === 0 ? 'by wallet' : 'wallet in body';
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
