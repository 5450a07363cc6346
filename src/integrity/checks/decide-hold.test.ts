import { decideHold } from './decide-hold.ts';
import type { HoldFacts } from './hold-facts.sql.ts';

const hold = (changes: Partial<HoldFacts> = {}): HoldFacts => ({
  userId: 3n,
  purpose: 'payment',
  subjectId: 42n,
  accountId: 7n,
  amountMinor: 5100n,
  currency: 'USD',
  paymentStatus: 'new',
  paymentType: 'withdraw',
  walletId: 7n,
  subjectCurrency: 'USD',
  orderStatus: null,
  orderRemainingMinor: null,
  ...changes,
});

test.each(['new', 'unknown'])('a hold for a withdrawal that is %s is right', (paymentStatus) => {
  expect(decideHold(hold({ paymentStatus }))).toEqual([]);
});

test.each<[string, Partial<HoldFacts>, string]>([
  [
    'a payment that this user does not have',
    { paymentStatus: null, paymentType: null, walletId: null, subjectCurrency: null },
    'for payment 42, and this user has no such payment',
  ],
  ['a deposit', { paymentType: 'deposit' }, 'for payment 42, which is a deposit'],
  ['a withdrawal that succeeded', { paymentStatus: 'success' }, 'for payment 42, which is success'],
  ['a withdrawal that failed', { paymentStatus: 'failed' }, 'for payment 42, which is failed'],
  ['a withdrawal from another wallet', { walletId: 8n }, 'for payment 42, which is made from account 8'],
  ['a withdrawal in another currency', { subjectCurrency: 'EUR' }, 'for payment 42, which is in EUR'],
])('a hold for %s is a violation', (_what, changes, fault) => {
  const detail = `5100 USD of account 7 are held ${fault}`;
  expect(decideHold(hold(changes))).toEqual([
    { rule: 'hold_has_its_payment', subject: 'hold:3:payment:42', fingerprint: detail, detail },
  ]);
});

const ofOrder = (changes: Partial<HoldFacts> = {}): HoldFacts =>
  hold({
    purpose: 'order',
    paymentStatus: null,
    paymentType: null,
    orderStatus: 'open',
    orderRemainingMinor: 5100n,
    ...changes,
  });

test('a hold of what is left of an open order is right', () => {
  expect(decideHold(ofOrder())).toEqual([]);
});

test.each<[string, Partial<HoldFacts>, string]>([
  [
    'an order that this user does not have',
    { orderStatus: null, orderRemainingMinor: null, walletId: null, subjectCurrency: null },
    'and this user has no such hold',
  ],
  ['an order that was captured', { orderStatus: 'captured' }, 'which is captured'],
  ['an order that has expired', { orderStatus: 'expired' }, 'which is expired'],
  ['an order of another wallet', { walletId: 8n }, 'which is of account 8'],
  ['an order in another currency', { subjectCurrency: 'EUR' }, 'which is in EUR'],
  ['another amount than is left', { orderRemainingMinor: 5000n }, 'of which 5000 is left'],
])('a hold for %s is a violation', (_what, changes, fault) => {
  const detail = `5100 USD of account 7 are held as hold 42 of an order, ${fault}`;
  expect(decideHold(ofOrder(changes))).toEqual([
    { rule: 'hold_has_its_order', subject: 'hold:3:order:42', fingerprint: detail, detail },
  ]);
});
