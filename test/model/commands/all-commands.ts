import fc, { type Arbitrary } from 'fast-check';
import type { AskMode, PayMode } from '../payments-oracle.ts';
import { convert } from '../requests/conversions.ts';
import { endFee, setFee } from '../requests/fees.ts';
import type { Drawn } from '../requests/model-request.ts';
import { depositByName } from '../requests/named-deposits.ts';
import { holdForOrder, ORDERS } from '../requests/order-holds.ts';
import { createByName } from '../requests/other-names.ts';
import { pay } from '../requests/payments.ts';
import { quote } from '../requests/quotes.ts';
import { refund } from '../requests/refunds.ts';
import { capture, release } from '../requests/resolve-holds.ts';
import { transfer } from '../requests/transfers.ts';
import { createUser, openNamedWallet, openWallet } from '../requests/users.ts';
import { changeState } from '../requests/wallet-states.ts';
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
/** Who says whose a quote is. */
const TAKERS = ['owner', 'owner', 'wallet', 'wallet', null, 'somebody', 'another wallet'] as const;
/** Rarely: it leaves nothing for those who come next. */
const isAroundBalance = fc.nat(6).map((drawn) => drawn === 0);

const payment = { user, currency, amount, isAroundBalance, isByWallet: fc.boolean(), key };

const drawnRefund: Arbitrary<Drawn> = fc
  .record({ payment: number, amount: fc.option(amount, { freq: 3 }), isAroundRest: fc.boolean(), key })
  .map(refund);

const requests: Arbitrary<Drawn>[] = [
  fc.record({ user, currency, key }).map(openWallet),
  fc.record({ user, currency, name: number, key }).map(openNamedWallet),
  fc.record({ ...payment, type: fc.constant('deposit' as const) }).map(pay),
  fc.record({ ...payment, type: fc.constant('withdraw' as const) }).map(pay),
  drawnRefund,
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
      isForeign: fc.nat(9).map((drawn) => drawn === 0),
    })
    .map(quote),
  fc
    .record({
      quote: number,
      by: fc.constantFrom(...TAKERS),
      user,
      key,
    })
    .map(convert),
];
/** People freeze and open wallets beside everything; closing has commands of its own, because a deposit that comes at that very moment may win. */
const stateChanges: Arbitrary<Drawn>[] = [
  number.map((drawn) => changeState('freeze', drawn)),
  number.map((drawn) => changeState('unfreeze', drawn)),
  number.map((drawn) => changeState('unfreeze', drawn)),
];
const request = fc.oneof(...requests, ...requests, fc.oneof(...stateChanges));
const byName: Arbitrary<Drawn>[] = [
  fc.record({ who: number, isKnown: fc.boolean(), place: number, currency, key }).map(createByName),
  fc
    .record({ user: number, place: number, currency, amount, isDeposit: fc.boolean(), key })
    .map(depositByName),
];

const feeAmount = fc.integer({ min: 0, max: 40 });
const newFee: Arbitrary<Drawn> = fc
  .record({
    kind: fc.constantFrom('deposit' as const, 'withdrawal' as const, 'transfer' as const),
    currency: fc.option(number, { freq: 4 }),
    /** Some that have something to round, and one that leaves hardly anything. */
    share: fc.constantFrom(0, 1, 5000, 17_500, 20_000, 33_333, 999_999),
    fixed: feeAmount,
    least: fc.option(feeAmount, { freq: 2 }),
    mostAbove: fc.option(feeAmount, { freq: 2 }),
    payer: fc.constantFrom(null, 'sender' as const, 'recipient' as const),
  })
  .map(setFee);
const feeChange = fc.oneof(newFee, newFee, number.map(endFee));

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
  ...often(9, request.map(ask)),
  ...often(4, fc.array(request, { minLength: 2, maxLength: 4 }).map(askAtOnce)),
  ...often(2, request.map(askTwice)),
  ...byName.map((drawn) => drawn.map(ask)),
  ...byName.map((drawn) => drawn.map(askTwice)),
  fc.array(fc.oneof(...byName), { minLength: 2, maxLength: 3 }).map(askAtOnce),
  ...often(3, feeChange.map(ask)),
  ...often(2, number.map(endFee).map(ask)),
  ...often(3, drawnRefund.map(ask)),
  // With one other: of two that wait for one wallet, the first may be charged by what went before, and the second not.
  ...often(2, fc.tuple(feeChange, request).map(askAtOnce)),
  ...stateChanges.map((drawn) => drawn.map(ask)),
  ...often(
    2,
    number.map((drawn) => ask(changeState('close', drawn))),
  ),
  ...often(
    3,
    fc.tuple(number, fc.option(request)).map(([earlier, beside]) => askAgain(earlier, beside)),
  ),
  ...often(
    7,
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
