import fc, { type Arbitrary } from 'fast-check';
import type { AskMode, PayMode } from '../payments-oracle.ts';
import { convert, quote } from '../requests/conversions.ts';
import type { Drawn } from '../requests/model-request.ts';
import { capture, holdForOrder, ORDERS, release } from '../requests/order-holds.ts';
import { pay, refund } from '../requests/payments.ts';
import { transfer } from '../requests/transfers.ts';
import { createUser, openWallet } from '../requests/users.ts';
import type { Command } from './command.ts';
import { discard, redrive } from './letter-commands.ts';
import { ask, askAgain, askAtOnce, askTwice } from './request-commands.ts';
import { expireKeys, letHoldsRunOut, letQuotesRunOut } from './time-commands.ts';
import { askGateway, checkLedger, loseWorkers, runWorker, settleLate } from './worker-commands.ts';

const number = fc.nat(100);
const user = fc.nat(20);
const currency = fc.nat(40);
/** Few keys, so that they meet: with the same request, and with another one of whatever kind. */
const key = fc.option(fc.integer({ min: 1, max: 12 }), { freq: 2 });
/** Odd amounts, so that fees and rates have something to round. */
const amount = fc.oneof(
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: 1, max: 20_000 }),
);
/** Rarely: it leaves nothing for those who come next. */
const isAroundBalance = fc.nat(6).map((drawn) => drawn === 0);

const requests: Arbitrary<Drawn>[] = [
  fc.record({ user, currency, key }).map(openWallet),
  fc.record({ type: fc.constant('deposit' as const), user, currency, amount, isAroundBalance, key }).map(pay),
  fc
    .record({ type: fc.constant('withdraw' as const), user, currency, amount, isAroundBalance, key })
    .map(pay),
  fc
    .record({ payment: number, amount: fc.option(amount, { freq: 3 }), isAroundRest: fc.boolean(), key })
    .map(refund),
  fc
    .record({
      from: user,
      to: user,
      currency: number,
      isToOtherCurrency: fc.nat(9).map((drawn) => drawn === 0),
      amount,
      isAroundBalance,
      key,
    })
    .map(transfer),
  fc
    .record({ user, order: fc.integer({ min: 1, max: ORDERS }), currency, amount, isAroundBalance, key })
    .map(holdForOrder),
  fc
    .record({
      hold: number,
      amount: fc.option(amount, { freq: 3 }),
      isAroundRest: fc.boolean(),
      to: fc.option(user, { freq: 2 }),
      isFinal: fc.boolean(),
      key,
    })
    .map(capture),
  fc.record({ hold: number, key }).map(release),
  fc
    .record({
      user,
      from: currency,
      to: currency,
      side: fc.constantFrom('from' as const, 'to' as const),
      amount,
      isAroundBalance,
    })
    .map(quote),
  fc
    .record({
      quote: number,
      by: fc.constantFrom('owner' as const, 'owner' as const, null, 'somebody' as const),
      user,
      key,
    })
    .map(convert),
];
const request = fc.oneof(...requests);

const payMode = fc.constantFrom<PayMode[]>(
  'succeed',
  'succeed',
  'refuse',
  'not_executed',
  'execute_and_hide',
  'hide_without_executing',
);
const askMode = fc.constantFrom<AskMode[]>('tell', 'tell', 'hide');
const modes = fc.record({ pay: fc.array(payMode, { minLength: 1, maxLength: 3 }), ask: askMode });
const often = <T>(times: number, arbitrary: T): T[] => Array.from({ length: times }, () => arbitrary);

/** Everything that can happen, the frequent things frequently. */
export const commandArbitraries: Arbitrary<Command>[] = [
  fc
    .record({ balance: fc.integer({ min: 0, max: 30_000 }), currency, key })
    .map((wanted) => ask(createUser(wanted))),
  ...requests.map((drawn) => drawn.map(ask)),
  ...often(6, request.map(ask)),
  ...often(4, fc.array(request, { minLength: 2, maxLength: 4 }).map(askAtOnce)),
  ...often(2, request.map(askTwice)),
  ...often(
    3,
    fc.tuple(number, fc.option(request)).map(([earlier, beside]) => askAgain(earlier, beside)),
  ),
  ...often(
    4,
    fc.tuple(modes, fc.boolean()).map(([told, isLateReported]) => runWorker(told, { isLateReported })),
  ),
  fc
    .tuple(modes, fc.boolean(), fc.integer({ min: 1, max: 3 }))
    .map(([lost, sends, count]) => loseWorkers(lost, { sends, count })),
  fc.constant(settleLate()),
  ...often(2, askMode.map(askGateway)),
  fc.tuple(user, fc.boolean()).map(([whose, isSwept]) => letHoldsRunOut(whose, { isSwept })),
  user.map(letQuotesRunOut),
  fc.constant(expireKeys()),
  ...often(2, number.map(redrive)),
  number.map(discard),
  fc.constant(checkLedger()),
];
