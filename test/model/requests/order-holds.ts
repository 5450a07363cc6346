import type { ApiAnswer } from '../../support/api-server.ts';
import { decimal } from '../currencies.ts';
import { leftOfHold, type Oracle } from '../oracle.ts';
import type { ModelHold } from '../state.ts';
import {
  type Drawn,
  drawAmount,
  drawWallet,
  expectProblem,
  expectUnkept,
  headersOf,
  judgeKeyed,
  pick,
  pickUser,
} from './model-request.ts';
import { expectNoWallet } from './users.ts';

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
    const order = { userId, orderId: `order-${wanted.order}` };
    const amount = drawAmount({
      amount: wanted.amount,
      isAroundMost: wanted.isAroundBalance,
      mostMinor: oracle.hasWallet(wallet) ? oracle.available(wallet) : 0n,
    });
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    return {
      kind: 'hold',
      label: `hold ${amount} ${currency} of user ${userId} for ${order.orderId}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post(
          `/api/v1/accounts/${userId}/hold`,
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
    // Of a hold that is not there nobody knows the currency, and so how an amount would be written.
    const amount =
      wanted.amount === null || !hold
        ? null
        : drawAmount({
            amount: wanted.amount,
            isAroundMost: wanted.isAroundRest,
            mostMinor: leftOfHold(hold),
          });
    const to = wanted.to === null ? null : pickUser(oracle, wanted.to);
    const { isFinal } = wanted;
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    const body = {
      order_id: orderId,
      ...(amount === null || !hold ? {} : { amount: decimal(amount, hold.currency) }),
      ...(to === null ? { to: 'sales' } : { to_user_id: to }),
      final: isFinal,
    };
    return {
      kind: 'capture',
      label: `capture ${amount ?? 'the rest'} of ${orderId} of user ${userId} for ${to ?? 'sales'}, ${isFinal ? 'final' : 'the rest stays'}, key ${key}`,
      key,
      send: ({ api }) => api.post(`/api/v1/accounts/${userId}/capture`, body, headersOf(key)),
      judge(oracle, answer) {
        const hold = oracle.findHold({ userId, orderId });
        const request = `capture ${orderId} ${amount ?? 'rest'} ${to ?? 'sales'} ${isFinal}`;
        judgeKeyed(oracle, answer, { key, scope: userId, request }, () => {
          if (to === userId)
            return expectUnkept(answer, 422, 'validation-failed', { errors: [{ field: 'to_user_id' }] });
          if (!hold) return expectUnkept(answer, 404, 'hold-not-found');
          if (hasEnded(hold)) return expectEnded(answer, hold);
          if (to !== null && !oracle.hasWallet({ userId: to, currency: hold.currency }))
            return expectNoWallet(answer);
          const left = leftOfHold(hold);
          if (amount !== null && amount > left) {
            expectProblem(answer, 422, 'capture-exceeds-hold', { hold: renderHold(hold) });
            return 'kept';
          }
          oracle.capture(hold, { amount: amount ?? left, to, isFinal });
          expectHold(answer, 200, hold);
          return 'kept';
        });
      },
    };
  };
}

export function release(wanted: ResolveWish): Drawn {
  return (oracle, runName) => {
    if (needsHold(oracle, wanted)) return holdFirst(wanted)(oracle, runName);
    const { userId, orderId } = chooseHold(oracle, wanted.hold);
    const key = wanted.key === null ? null : `key-${wanted.key}`;
    return {
      kind: 'release',
      label: `release ${orderId} of user ${userId}, key ${key}`,
      key,
      send: ({ api }) =>
        api.post(`/api/v1/accounts/${userId}/release`, { order_id: orderId }, headersOf(key)),
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

const hasEnded = ({ status, isOver }: ModelHold) => status !== 'open' || isOver;

function expectEnded(answer: ApiAnswer, hold: ModelHold): 'kept' {
  expectProblem(answer, 409, 'hold-ended', { hold: renderHold(hold) });
  return 'kept';
}

function expectHold(answer: ApiAnswer, status: number, hold: ModelHold): void {
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
