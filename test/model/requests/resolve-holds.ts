import type { ApiAnswer } from '../../support/api-server.ts';
import { type Currency, decimal } from '../currencies.ts';
import { leftOfHold, type Oracle } from '../oracle.ts';
import { type ModelHold, type WalletName, walletKey } from '../state.ts';
import { judgeKeyed } from './judge-keyed.ts';
import {
  type Drawn,
  drawAmount,
  expectInvalid,
  expectNoWallet,
  expectProblem,
  expectRefused,
  expectUnkept,
  headersOf,
  keyOf,
  pick,
  pickUser,
} from './model-request.ts';
import { callUser, expectHold, hasEnded, holdForOrder, ORDERS, renderHold } from './order-holds.ts';

export interface ResolveWish {
  /** Which hold; where there is none, or now and then, one that was never placed. */
  readonly hold: number;
  readonly key: number | null;
}
export interface CaptureWish extends ResolveWish {
  /** Without one, all that is left. */
  readonly amount: number | null;
  readonly isAroundRest: boolean;
  /** Whose wallet gets it; null for the house's own sales. */
  readonly to: number | null;
  readonly isFinal: boolean;
}

export function capture(wanted: CaptureWish): Drawn {
  return (oracle, runName) => {
    if (needsHold(oracle, wanted)) return holdFirst(wanted)(oracle, runName);
    const { userId, orderId, hold } = chooseHold(oracle, wanted.hold);
    const name = callUser(oracle, userId, wanted.hold);
    // Of a hold that is not there nobody knows the currency, and so how an amount would be written.
    const amount =
      wanted.amount === null || !hold
        ? null
        : drawAmount({
            amount: wanted.amount,
            isAroundMost: wanted.isAroundRest,
            mostMinor: leftOfHold(hold),
          });
    const to = chooseTarget(oracle, wanted, hold?.currency);
    const { isFinal } = wanted;
    const key = keyOf(wanted);
    const body = {
      order_id: orderId,
      ...(amount === null || !hold ? {} : { amount: decimal(amount, hold.currency) }),
      ...(to === null ? { to: 'sales' } : {}),
      ...(to?.field === 'to_user_id' ? { to_user_id: callUser(oracle, to.userId, wanted.hold) } : {}),
      final: isFinal,
    };
    // A wallet without a name is the one that is meant where its user is named.
    const target =
      to === null
        ? 'sales'
        : `user ${to.userId}${to.name === undefined ? '' : ` ${walletKey(to as WalletName)}`}`;
    return {
      kind: 'capture',
      label: `capture ${amount ?? 'the rest'} of ${orderId} of user ${userId} for ${target} (${to?.field}), ${isFinal ? 'final' : 'the rest stays'}, key ${key}`,
      key,
      async send(real) {
        const id =
          to?.field === 'to_wallet_id' ? { to_wallet_id: await real.walletIdOf(to as WalletName) } : {};
        return await real.api.post(`/api/v1/accounts/${name}/capture`, { ...body, ...id }, headersOf(key));
      },
      judge(oracle, answer) {
        const hold = oracle.findHold({ userId, orderId });
        const request = `capture ${orderId} ${amount ?? 'rest'} ${target} ${isFinal}`;
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (to?.userId === userId) return expectInvalid(answer, to.field);
          if (!hold) return expectUnkept(answer, 404, 'hold-not-found');
          const taker = to && { ...to, currency: to.currency ?? hold.currency };
          if (taker && taker.currency !== hold.currency) return expectInvalid(answer, taker.field);
          if (hasEnded(hold)) return expectEnded(answer, hold);
          if (taker && !oracle.hasWallet(taker)) return expectNoWallet(answer);
          const left = leftOfHold(hold);
          if (amount !== null && amount > left) {
            expectProblem(answer, 422, 'capture-exceeds-hold', { hold: renderHold(hold) });
            return 'kept';
          }
          const refusal = taker ? oracle.refusesCredit(taker) : undefined;
          if (taker && refusal) return expectRefused(answer, refusal, taker.field);
          oracle.capture(hold, { amount: amount ?? left, to: taker, isFinal });
          expectHold(answer, 200, hold);
          return 'kept';
        });
      },
    };
  };
}

/** Who gets captured money: a user, in the wallet without a name in the currency of the hold, or a wallet. */
interface Target extends Omit<WalletName, 'currency'> {
  /** Of a wallet that is named. */
  readonly currency?: Currency;
  readonly field: 'to_user_id' | 'to_wallet_id';
}

function chooseTarget(oracle: Oracle, { to, hold }: CaptureWish, currency?: Currency): Target | null {
  if (to === null) return null;
  if (hold % 3 !== 0) return { userId: pickUser(oracle, to), field: 'to_user_id' };
  const wallets = [...oracle.wallets.values()];
  const fitting = wallets.filter((wallet) => wallet.currency === currency);
  const wallet = pick(to % 7 === 0 || fitting.length === 0 ? wallets : fitting, to);
  return { userId: wallet.userId, currency: wallet.currency, name: wallet.name, field: 'to_wallet_id' };
}

export function release(wanted: ResolveWish): Drawn {
  return (oracle, runName) => {
    if (needsHold(oracle, wanted)) return holdFirst(wanted)(oracle, runName);
    const { userId, orderId } = chooseHold(oracle, wanted.hold);
    const name = callUser(oracle, userId, wanted.hold);
    const key = keyOf(wanted);
    return {
      kind: 'release',
      label: `release ${orderId} of user ${userId}, key ${key}`,
      key,
      send: ({ api }) => api.post(`/api/v1/accounts/${name}/release`, { order_id: orderId }, headersOf(key)),
      judge(oracle, answer) {
        const hold = oracle.findHold({ userId, orderId });
        judgeKeyed(oracle, answer, { key, scope: userId, request: `release ${orderId}` }, () => {
          if (!hold) return expectUnkept(answer, 404, 'hold-not-found');
          if (hasEnded(hold)) return expectEnded(answer, hold);
          oracle.release(hold);
          expectHold(answer, 200, hold);
          return 'kept';
        });
      },
    };
  };
}

/** Where nothing is held, most of those who would capture or release something place a hold instead. */
function needsHold(oracle: Oracle, { hold }: ResolveWish): boolean {
  const isAnyOpen = [...oracle.holds.values()].some((each) => !hasEnded(each));
  return !isAnyOpen && hold % 4 !== 0;
}

function holdFirst({ hold, key }: ResolveWish): Drawn {
  const order = (hold % ORDERS) + 1;
  return holdForOrder({ user: hold, order, currency: hold, amount: 300 + hold, isAroundBalance: false, key });
}

/** Mostly one that can be captured. */
function chooseHold(oracle: Oracle, number: number) {
  const all = [...oracle.holds.values()];
  const open = all.filter((hold) => !hasEnded(hold));
  const among = number % 6 === 0 || open.length === 0 ? all : open;
  if (among.length === 0 || number % 17 === 0)
    return { userId: pickUser(oracle, number), orderId: `order-${(number % ORDERS) + 1}`, hold: undefined };
  const hold = pick(among, number);
  return { userId: hold.userId, orderId: hold.orderId, hold };
}

function expectEnded(answer: ApiAnswer, hold: ModelHold): 'kept' {
  expectProblem(answer, 409, 'hold-ended', { hold: renderHold(hold) });
  return 'kept';
}
